import { cases, expand, strings, version, type Case, type ReaderCase } from 'subunit2-conformance';

export function length(each: Case): number {
  switch (each.profile) {
    case 'writer': return strings(each).test_id?.length ?? expand(each.bytes).length;
    case 'multiplexer': return each.feeds.length;
    default: return expand(each.bytes).length / 2;
  }
}
export const readers: ReaderCase[] = cases.flatMap((each) => ('items' in each ? [each] : []));
export const text: string = version;
// @ts-expect-error
export const wrong: number = expand('a');
// @ts-expect-error
strings(readers[0]);
