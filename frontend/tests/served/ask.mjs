// Does the npm package dicomweb-client understand what a served Safelight answers?
//
//     node ask.mjs ROOT TOKEN FILE...
//
// Stores the files, then asks for everything the client can ask for, and prints what it was
// told as one JSON object. The package speaks through XMLHttpRequest, which Node lacks: the
// class below gives it the part of it that the package uses, on top of fetch.
import { readFile } from "node:fs/promises";
import * as dicomweb from "dicomweb-client";

class Request {
  #method = "";
  #url = "";
  #headers = {};
  #answered = new Headers();
  responseType = "";
  readyState = 0;
  status = 0;
  response = null;
  onreadystatechange = () => {};

  open(method, url) {
    this.#method = method.toUpperCase();
    this.#url = url;
  }

  setRequestHeader(name, value) {
    this.#headers[name] = value;
  }

  getResponseHeader(name) {
    return this.#answered.get(name);
  }

  getAllResponseHeaders() {
    return [...this.#answered].map(([name, value]) => `${name}: ${value}`).join("\r\n");
  }

  async send(body) {
    const answer = await fetch(this.#url, { method: this.#method, headers: this.#headers, body });
    this.#answered = answer.headers;
    this.status = answer.status;
    if (this.responseType === "arraybuffer") this.response = await answer.arrayBuffer();
    else if (this.responseType === "json") this.response = JSON.parse((await answer.text()) || "null");
    else this.response = await answer.text();
    this.readyState = 4;
    this.onreadystatechange();
  }
}
globalThis.XMLHttpRequest = Request;

const [root, token, ...files] = process.argv.slice(2);
const { DICOMwebClient } = (dicomweb.default?.api ?? dicomweb.api ?? dicomweb.default);
const client = new DICOMwebClient({ url: root, headers: { Authorization: `Bearer ${token}` } });

const datasets = await Promise.all(
  files.map(async (file) => {
    const data = await readFile(file);
    return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
  }),
);
const stored = JSON.parse(await client.storeInstances({ datasets }));
const studies = await client.searchForStudies({ queryParams: { PatientID: "AB-17", limit: 5 } });
const studyInstanceUID = studies[0]["0020000D"].Value[0];
const series = await client.searchForSeries({ studyInstanceUID });
const seriesInstanceUID = series[0]["0020000E"].Value[0];
const instances = await client.searchForInstances({ studyInstanceUID, seriesInstanceUID });
const sopInstanceUID = instances[0]["00080018"].Value[0];
const one = { studyInstanceUID, seriesInstanceUID, sopInstanceUID };
const metadata = await client.retrieveInstanceMetadata(one);
const bytes = (data) => (Array.isArray(data) ? data : [data]).map((each) => each.byteLength);
const jpeg = [{ mediaType: "image/jpeg" }];
const several = [
  { mediaType: "image/x-jls", transferSyntaxUID: "1.2.840.10008.1.2.4.80" },
  { mediaType: "application/octet-stream", transferSyntaxUID: "1.2.840.10008.1.2.1" },
];
const compressed = [{ mediaType: "image/jls", transferSyntaxUID: "1.2.840.10008.1.2.4.80" }];
const told = {
  stored: stored["00081199"].Value.length,
  nothing: await client.searchForStudies({ queryParams: { PatientID: "nobody" } }),
  studyMetadata: (await client.retrieveStudyMetadata(one)).length,
  seriesMetadata: (await client.retrieveSeriesMetadata(one)).length,
  instanceMetadata: metadata["00080018"]?.Value?.[0] ?? metadata[0]["00080018"].Value[0],
  study: bytes(await client.retrieveStudy(one)),
  series: bytes(await client.retrieveSeries(one)),
  instance: bytes(await client.retrieveInstance(one)),
  frames: bytes(await client.retrieveInstanceFrames({ ...one, frameNumbers: [1] })),
  framesOfSeveralTypes: bytes(
    await client.retrieveInstanceFrames({ ...one, frameNumbers: [1], mediaTypes: several }),
  ),
  framesCompressed: bytes(
    await client.retrieveInstanceFrames({ ...one, frameNumbers: [1], mediaTypes: compressed }),
  ),
  rendered: bytes(await client.retrieveInstanceRendered({ ...one, mediaTypes: jpeg })),
  framesRendered: bytes(
    await client.retrieveInstanceFramesRendered({ ...one, frameNumbers: [1], mediaTypes: jpeg }),
  ),
  thumbnail: bytes(await client.retrieveInstanceThumbnail({ ...one, mediaTypes: jpeg })),
  bulk: bytes(
    await client.retrieveBulkData({
      BulkDataURI: `${root}/studies/${studyInstanceUID}/series/${seriesInstanceUID}/instances/${sopInstanceUID}/bulkdata/7fe00010`,
    }),
  ),
  part: bytes(
    await client.retrieveBulkData({
      BulkDataURI: `${root}/studies/${studyInstanceUID}/series/${seriesInstanceUID}/instances/${sopInstanceUID}/bulkdata/7fe00010`,
      mediaTypes: [{ mediaType: "application/octet-stream" }],
      byteRange: [0, 99],
    }),
  ),
  uri: (
    await fetch(
      client.buildInstanceWadoURIUrl(one).replace(`${root}?`, `${root}/wado?`),
      { headers: client.headers },
    )
  ).status,
  // Last: a program that asks for everything twice is shut out within seconds.
  allSeries: (await client.searchForSeries()).length,
  allInstances: (await client.searchForInstances()).length,
};
console.log(JSON.stringify(told));
