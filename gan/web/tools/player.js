// Plays a walk on the page: small frames are requested a few at a time, and shown at the walk's own rate.
import { explain } from "../core/notices.js";
import { page } from "../core/page.js";
import { ask } from "../core/session.js";
import { store } from "../core/store.js";

/**
 * @param show called with a frame's picture, its number and the number of frames
 * @param lengthOf the walk's length, and whether it loops: {seconds, closed}
 * @param onchange called when playing has begun or ended, with whether the position stays where playing ended
 */
export const makePlayer = ({ show, lengthOf, onchange }) => {
  let playing = false;
  let [time, lastTick, shown] = [0, 0, -1];
  let film = { key: "", frames: [], loading: false };

  const load = async (wanted) => {
    if (wanted.loading) return;
    wanted.loading = true;
    try {
      for (let start = 0; start < wanted.count && playing && film === wanted;) {
        if (wanted.frames[start] !== undefined) {
          start += 1;
          continue;
        }
        const answer = await ask("preview", { ...wanted.asked, frames: wanted.count, start });
        answer.frames.forEach((src, index) => {
          wanted.frames[answer.start + index] = src;
        });
        start = answer.start + Math.max(1, answer.frames.length);
      }
    } catch (error) {
      pause();
      explain(error);
    }
    wanted.loading = false;
  };
  const tick = (instant) => {
    if (!playing) return;
    if (store.state.tool !== "morph" || !page.element.isConnected) return pause({ keep: false });
    const { seconds, closed } = lengthOf();
    const next = time + (instant - lastTick) / 1000;
    lastTick = instant;
    if (next >= seconds && !closed) return pause();
    const frame = Math.min(film.count - 1, Math.floor(((next % seconds) / seconds) * film.count));
    if (film.frames[frame]) {
      // Playing waits for a frame that has not arrived yet
      time = next % seconds;
      if (frame !== shown) {
        shown = frame;
        show(film.frames[frame], frame, film.count);
      }
    }
    requestAnimationFrame(tick);
  };
  /** @param keep whether the position stays where playing ended */
  const pause = ({ keep = true } = {}) => {
    if (!playing) return;
    playing = false;
    onchange(keep);
  };
  const keyOf = (asked, count) => JSON.stringify([asked, count]);
  return {
    get isPlaying() {
      return playing;
    },
    /** Whether the given walk is the one that plays. */
    plays: (asked, count) => playing && keyOf(asked, count) === film.key,
    start(asked, count) {
      const key = keyOf(asked, count);
      if (key !== film.key) film = { key, asked, count, frames: [], loading: false };
      playing = true;
      [time, lastTick, shown] = [0, performance.now(), -1];
      onchange(false);
      load(film);
      requestAnimationFrame(tick);
    },
    pause,
  };
};
