// SPDX-License-Identifier: MIT
// Containers: columns of numbers as the server sends them.
//
//   "HWD1" | u32 length of the header | header: JSON, padded | payload
//   header: {"sections": [{"name", "type", "offset", "count"}, …], "meta": {…}}
//
// All is little-endian; offsets count from the payload's start and are multiples of 8, so that every section
// is a typed array on the bytes as they came. A container is refused as a whole when any section is not inside.
// A sparse column is unpacked when it is first asked for: most views ask for few.

import { parseExact } from './json_exact';

export type Section = Uint8Array | Uint32Array | BigUint64Array | BigInt64Array;

interface Stored {
  name: string;
  type: string;
  encoding?: string;
  offset: number;
  count: number;
  bytes?: number;
}

export class Container {
  private constructor(
    /** A column, or how it is unpacked. */
    private readonly sections: Map<string, Section | (() => Section)>,
    readonly meta: Record<string, unknown>,
  ) {}

  static decode(bytes: Uint8Array): Container {
    if (bytes.length < 8 || String.fromCharCode(...bytes.subarray(0, 4)) !== 'HWD1')
      throw new Error('the answer is not a container of columns');
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const headerLength = view.getUint32(4, true);
    const start = 8 + headerLength;
    if (start > bytes.length) throw new Error('the answer ends within its header');
    const header = parseExact(new TextDecoder().decode(bytes.subarray(8, start))) as {
      sections: Stored[];
      meta?: Record<string, unknown>;
    };
    let payload = bytes.subarray(start);
    if (payload.byteOffset % 8 !== 0) payload = payload.slice(); // typed arrays must begin at multiples of 8
    const sections = new Map<string, Section | (() => Section)>();
    for (const stored of header.sections) {
      const { name, type, encoding, offset, count } = stored;
      const size = SIZES[type];
      if (size === undefined) continue; // of a later version, and so nothing that this UI asks for
      const bytes = stored.bytes ?? count * size;
      if (!(offset >= 0 && count >= 0 && bytes >= 0) || offset % 8 !== 0 || offset + bytes > payload.length)
        throw new Error(`the answer's section ${name} is not inside it`);
      if (encoding === 'sparse' || encoding === 'steps') {
        const packed = payload.subarray(offset, offset + bytes);
        sections.set(name, () => (encoding === 'sparse' ? sparse(packed, type, count) : steps(packed, count)));
        continue;
      }
      const section = sectionAt(payload, type, offset, count);
      sections.set(name, encoding === undefined ? section : unpacked(section, encoding, name));
    }
    return new Container(sections, header.meta ?? {});
  }

  has(name: string): boolean {
    return this.sections.has(name);
  }

  names(): string[] {
    return [...this.sections.keys()];
  }

  u8(name: string): Uint8Array {
    return this.section(name, Uint8Array);
  }

  u32(name: string): Uint32Array {
    return this.section(name, Uint32Array);
  }

  /** A column of figures: 32 bits wide where all of them fit, else 64. */
  figures(name: string): Uint32Array | BigUint64Array {
    const section = this.column(name);
    if (section instanceof Uint32Array || section instanceof BigUint64Array) return section;
    throw new Error(`the answer has no figures ${name}`);
  }

  private section<T extends Section>(name: string, type: new (n: number) => T): T {
    const section = this.column(name);
    if (section instanceof type) return section;
    throw new Error(`the answer has no section ${name} of the type that it must have`);
  }

  private column(name: string): Section | undefined {
    const section = this.sections.get(name);
    if (typeof section !== 'function') return section;
    const unpacked = section();
    this.sections.set(name, unpacked);
    return unpacked;
  }
}

const SIZES: Record<string, number | undefined> = { u8: 1, u32: 4, u64: 8, i64: 8, utf8: 1 };

function sectionAt(payload: Uint8Array, type: string, offset: number, count: number): Section {
  const at = payload.byteOffset + offset;
  const buffer = payload.buffer;
  switch (type) {
    case 'u32':
      return new Uint32Array(buffer, at, count);
    case 'u64':
      return new BigUint64Array(buffer, at, count);
    case 'i64':
      return new BigInt64Array(buffer, at, count);
    default:
      return new Uint8Array(buffer, at, count);
  }
}

/** A column of indices that a file holds as differences, because those compress well. */
function unpacked(stored: Section, encoding: string, name: string): Uint32Array {
  if (!(stored instanceof Uint32Array) || (encoding !== 'distance' && encoding !== 'delta'))
    throw new Error(`the answer's section ${name} is written in a way that is not known: ${encoding}`);
  if (encoding === 'distance') return stored.map((distance, i) => i - distance);
  let last = 0;
  return stored.map((difference) => (last = (last + difference) >>> 0));
}

/** Numbers in few bytes: seven bits in each, the lowest first; all but the last have their highest bit set. */
class Varints {
  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
  ) {}

  next(): number {
    let byte = this.bytes[this.at++]!;
    if (byte < 128) return byte;
    let number = byte - 128;
    for (let unit = 128; byte >= 128; unit *= 128) {
      if (this.at >= this.bytes.length) throw new Error('the answer ends within a column');
      byte = this.bytes[this.at++]!;
      number += (byte & 127) * unit;
    }
    return number;
  }

  /** The same where the number may be past 2^53. */
  nextExact(): bigint {
    let number = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (this.at >= this.bytes.length) throw new Error('the answer ends within a column');
      const byte = this.bytes[this.at++]!;
      number |= BigInt(byte & 127) << shift;
      if (byte < 128) return number;
    }
  }
}

/** Figures most of which are 0: a bit for each, 1 where it is not, and then those that are not. */
function sparse(bytes: Uint8Array, type: string, count: number): Uint32Array | BigUint64Array {
  const map = Math.ceil(count / 8);
  if (bytes.length < map) throw new Error('the answer ends within a column');
  const varints = new Varints(bytes, map);
  const wide = type === 'u64' ? new BigUint64Array(count) : null;
  const narrow = wide === null ? new Uint32Array(count) : null;
  for (let at = 0; at < map; at++)
    for (let bits = bytes[at]!; bits !== 0; bits &= bits - 1) {
      const i = 8 * at + 31 - Math.clz32(bits & -bits);
      if (narrow !== null) narrow[i] = varints.next();
      else wide![i] = varints.nextExact();
    }
  return narrow ?? wide!;
}

/** Ascending indices, each as its distance from the one before. */
function steps(bytes: Uint8Array, count: number): Uint32Array {
  const varints = new Varints(bytes, 0);
  const indices = new Uint32Array(count);
  for (let i = 0, last = 0; i < count; i++) indices[i] = last += varints.next();
  return indices;
}

/** Writes a container; what the tests make their recordings with. */
export function encodeContainer(sections: Record<string, Section>, meta: unknown = {}): Uint8Array {
  let offset = 0;
  const placed = Object.entries(sections).map(([name, data]) => {
    const entry = { name, type: typeOf(data), offset, count: data.length };
    offset += Math.ceil(data.byteLength / 8) * 8;
    return { entry, data };
  });
  let header = JSON.stringify({ sections: placed.map(({ entry }) => entry), meta });
  header += ' '.repeat((8 - (new TextEncoder().encode(header).length % 8)) % 8);
  const headerBytes = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + headerBytes.length + offset);
  bytes.set(new TextEncoder().encode('HWD1'));
  new DataView(bytes.buffer).setUint32(4, headerBytes.length, true);
  bytes.set(headerBytes, 8);
  for (const { entry, data } of placed)
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 8 + headerBytes.length + entry.offset);
  return bytes;
}

function typeOf(data: Section): string {
  if (data instanceof Uint32Array) return 'u32';
  if (data instanceof BigUint64Array) return 'u64';
  if (data instanceof BigInt64Array) return 'i64';
  return 'u8';
}
