// How is a signature drawn? Strokes on a canvas, written as whole numbers into a hidden field.

const MOST_POINTS = 5000;
const CLOSE = 3; // of the field's 1000; nearer places than this add nothing

function start(form) {
  const canvas = form.querySelector("canvas");
  const says = form.querySelector("#field-says");
  const pen = canvas.getContext("2d");
  const strokes = [];
  let points = 0;

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const within = (at, size, most) => Math.min(most, Math.max(0, Math.round((at / size) * most)));
    return [
      within(event.clientX - box.left, box.width, canvas.width),
      within(event.clientY - box.top, box.height, canvas.height),
    ];
  };

  const draw = () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    Object.assign(pen, { lineWidth: 6, lineCap: "round", lineJoin: "round" });
    pen.strokeStyle = getComputedStyle(canvas).color;
    for (const stroke of strokes) {
      pen.beginPath();
      pen.moveTo(stroke[0], stroke[1]);
      for (let at = 0; at < stroke.length; at += 2) pen.lineTo(stroke[at], stroke[at + 1]);
      pen.stroke();
    }
    says.textContent = strokes.length ? says.dataset.drawn : says.dataset.empty;
  };

  const add = (event) => {
    const stroke = strokes.at(-1);
    const [x, y] = place(event);
    const near = Math.abs(x - stroke.at(-2)) < CLOSE && Math.abs(y - stroke.at(-1)) < CLOSE;
    if (near || points >= MOST_POINTS) return;
    stroke.push(x, y);
    points += 1;
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button !== 0 || points >= MOST_POINTS || strokes.length >= 100) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    strokes.push(place(event));
    points += 1;
    draw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    // A fast hand moves more often than a screen is drawn.
    const passed = event.getCoalescedEvents?.() ?? [];
    for (const each of passed.length ? passed : [event]) add(each);
    draw();
  });

  form.querySelector("[data-clear]").addEventListener("click", () => {
    strokes.length = 0;
    points = 0;
    draw();
  });
  form.addEventListener("submit", () => {
    form.elements.handwriting.value = JSON.stringify(strokes);
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  for (const part of form.querySelectorAll("[data-field], [data-keep], [data-clear]")) part.hidden = false;
  draw();
}

for (const form of document.querySelectorAll("form[data-by-hand]")) start(form);
