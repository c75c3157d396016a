// UTF-8 between JavaScript and the engine. Some places that run tests (jsdom) have no TextDecoder, and an import must not fail there.
import { strFromU8, strToU8 } from 'fflate';

class Decoder {
  decode(bytes = new Uint8Array()) {
    return strFromU8(bytes);
  }
}

class Encoder {
  encode(text) {
    return strToU8(text);
  }
}

export const TextDecoder = globalThis.TextDecoder ?? Decoder;
export const TextEncoder = globalThis.TextEncoder ?? Encoder;
