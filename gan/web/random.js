// numpy.random.RandomState(seed) with the same stream: a page without a server must draw the same seeds as Python.
//
// Matsumoto and Nishimura, "Mersenne Twister" (1998), seeded as RandomState seeds an integer; doubles of 53 bits;
// normals by Marsaglia's polar method, two at a time. Math.log may differ from C's in the last bit of a double, which
// rounding to float32 removes.

const SIZE = 624;
const SHIFT = 397;
const UPPER = 0x80000000;
const LOWER = 0x7fffffff;
const MATRIX = 0x9908b0df;

export class RandomState {
  #key = new Uint32Array(SIZE);
  #at = SIZE;
  #second = null; // the second of the last pair of normals

  /** @param {number} seed 0 … 2**32-1 */
  constructor(seed) {
    if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) throw new RangeError(`${seed} is not a seed`);
    let value = seed >>> 0;
    for (let index = 0; index < SIZE; index++) {
      this.#key[index] = value;
      value = (Math.imul(value ^ (value >>> 30), 1812433253) + index + 1) >>> 0;
    }
  }

  #fill() {
    const key = this.#key;
    for (let index = 0; index < SIZE; index++) {
      const pair = (key[index] & UPPER) | (key[(index + 1) % SIZE] & LOWER);
      key[index] = key[(index + SHIFT) % SIZE] ^ (pair >>> 1) ^ (pair & 1 ? MATRIX : 0);
    }
    this.#at = 0;
  }

  #next() {
    if (this.#at === SIZE) this.#fill();
    let value = this.#key[this.#at++];
    value ^= value >>> 11;
    value ^= (value << 7) & 0x9d2c5680;
    value ^= (value << 15) & 0xefc60000;
    return (value ^ (value >>> 18)) >>> 0;
  }

  /** Return a number in [0, 1), as random_sample() draws it. */
  randomSample() {
    const high = this.#next() >>> 5;
    const low = this.#next() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  #normal() {
    if (this.#second !== null) {
      const kept = this.#second;
      this.#second = null;
      return kept;
    }
    let x, y, square;
    do {
      x = 2 * this.randomSample() - 1;
      y = 2 * this.randomSample() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const scale = Math.sqrt((-2 * Math.log(square)) / square);
    this.#second = scale * x;
    return scale * y;
  }

  /** @returns {Float32Array} standard_normal(count), rounded to float32 */
  standardNormal(count) {
    return Float32Array.from({ length: count }, () => this.#normal());
  }
}
