// SPDX-License-Identifier: MIT
// Containers: columns of numbers as the server sends them.
//
//   "HWD1" | u32 length of the header | header: JSON, padded | payload
//   header: {"sections": [{"name", "type", "offset", "count"}, …], "meta": {…}}
//
// All is little-endian; offsets count from the payload's start and are multiples of 8, so that every section
// is a typed array on the bytes as they came. A container is refused as a whole when any section is not inside.

import { parseExact } from './json_exact';

export type Section = Uint8Array | Uint32Array | BigUint64Array | BigInt64Array;

export class Container {
  private constructor(
    private readonly sections: Map<string, Section>,
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
      sections: { name: string; type: string; encoding?: string; offset: number; count: number }[];
      meta?: Record<string, unknown>;
    };
    let payload = bytes.subarray(start);
    if (payload.byteOffset % 8 !== 0) payload = payload.slice(); // typed arrays must begin at multiples of 8
    const sections = new Map<string, Section>();
    for (const { name, type, encoding, offset, count } of header.sections) {
      const size = SIZES[type];
      if (size === undefined) continue; // of a later version, and so nothing that this UI asks for
      if (!(offset >= 0 && count >= 0) || offset % 8 !== 0 || offset + count * size > payload.length)
        throw new Error(`the answer's section ${name} is not inside it`);
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
    const section = this.sections.get(name);
    if (section instanceof Uint32Array || section instanceof BigUint64Array) return section;
    throw new Error(`the answer has no figures ${name}`);
  }

  private section<T extends Section>(name: string, type: new (n: number) => T): T {
    const section = this.sections.get(name);
    if (section instanceof type) return section;
    throw new Error(`the answer has no section ${name} of the type that it must have`);
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
