// Types of the cases; FORMAT.md says what each key means.

/** A string of a case; in a case flagged `large` perhaps [string, times] pairs. See `expand`. */
export type Long = string | [part: string, times: number][];

export interface Item {
  kind: 'packet' | 'passthrough' | 'corrupt';
  offset: number;
  length: number;
  error?: string;
  test_id?: Long;
  test_status?: string;
  test_tags?: string[];
  runnable?: boolean;
  file_name?: Long;
  file_bytes?: Long;
  eof?: boolean;
  mime_type?: Long;
  route_code?: Long;
  timestamp?: { seconds: number; nanoseconds: number };
  recovered?: true;
  raw?: Long;
  bytes?: Long;
}

interface AnyCase {
  id: string;
  title: string;
  clauses: string[];
  flags: string[];
  parent?: string;
  mutation?: string;
  notes?: string;
}

export interface ReaderCase extends AnyCase {
  profile: 'packet' | 'stream' | 'recovery';
  bytes: Long;
  sha256: string;
  items: Item[];
  stops?: number[];
  waits: [first: number, last: number, settled: number][];
}

export interface WriterCase extends AnyCase {
  profile: 'writer';
  packet: Omit<Item, 'offset' | 'length'>;
  /** By key, in hex: the strings that have a lone surrogate. See `strings`. */
  octets?: { [key: string]: string | string[] };
  bytes?: Long;
  refused?: string;
  split?: true;
}

export interface MultiplexerCase extends AnyCase {
  profile: 'multiplexer';
  routes: string[];
  feeds: Feed[];
  wrapped: Long[];
}

export interface Feed {
  input: number;
  bytes?: Long;
  end?: true;
  stop?: true;
  packets: (Long | { report: Long; end?: true } | { wrapped: Long })[];
}

export type Case = ReaderCase | WriterCase | MultiplexerCase;

/** The version of the corpus. */
export const version: string;
/** The description of each flag. */
export const flags: { [name: string]: string };
/** All cases, in the order of their ids. */
export const cases: Case[];

/** A string of a case, with its pairs joined; empty for a key that is absent. */
export function expand(value: Long | null | undefined): string;

/** The strings of a packet to write, as octets; a lone surrogate is three of them. */
export function strings(each: WriterCase): {
  test_id?: Uint8Array;
  test_tags?: Uint8Array[];
  mime_type?: Uint8Array;
  file_name?: Uint8Array;
  route_code?: Uint8Array;
};
