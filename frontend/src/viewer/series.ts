// How does a series become pictures in order?

import { UnusableError, ask } from "./fetching";
import type { DataSet } from "./model";
import { inOrder } from "./order";
import { type Picture, picturesOf } from "./pictures";

export async function fetchSeries(address: string, signal: AbortSignal): Promise<Picture[]> {
  const answer = await ask(`${address}/metadata`, "application/dicom+json", signal);
  const metadata: unknown = await answer.json();
  if (!Array.isArray(metadata)) throw new UnusableError("the answer is no list");
  return inOrder(picturesOf(metadata as DataSet[], address));
}
