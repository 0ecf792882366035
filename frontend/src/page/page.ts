// What small comforts does an ordinary page gain with JavaScript?
export {};
