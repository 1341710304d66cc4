// A small line over time, as SVG drawn here. What it shows is said in words too.

import { el, set, say } from './dom.js';
import { duration } from './format.js';

const width = 300;
const height = 64;
const space = 'http://www.w3.org/2000/svg';

function shape(tag, attributes) {
  const element = document.createElementNS(space, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

export class Chart {
  /** @param title what is drawn; @param pick takes the value out of a sample; @param words writes a value for people. */
  constructor(title, pick, words) {
    this.title = title;
    this.pick = pick;
    this.words = words;
    this.area = shape('path', { class: 'area' });
    this.line = shape('path', { class: 'line', 'vector-effect': 'non-scaling-stroke' });
    this.picture = shape('svg', { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img' });
    this.picture.append(shape('path', { class: 'base', d: `M0 ${height - 1}H${width}`, 'vector-effect': 'non-scaling-stroke' }), this.area, this.line);
    this.now = el('span', { class: 'now' });
    this.most = el('span', {});
    this.span = el('span', {});
    this.element = el('figure', { class: 'chart' }, el('figcaption', {}, el('span', {}, title), this.now),
      this.picture, el('div', { class: 'scale', 'aria-hidden': 'true' }, this.span, this.most));
  }

  draw(samples) {
    const points = samples.map((sample) => [sample.at, this.pick(sample)]).filter(([, value]) => value !== null && value !== undefined);
    const enough = points.length > 1;
    set(this.element, 'data-empty', !enough);
    if (!enough) {
      say(this.now, points.length ? this.words(points[0][1]) : 'nothing yet');
      set(this.picture, 'aria-label', `${this.title}: ${this.now.textContent}`);
      for (const part of [this.line, this.area]) set(part, 'd', 'M0 0');
      return;
    }

    const first = points[0][0];
    const length = points.at(-1)[0] - first;
    const most = Math.max(...points.map(([, value]) => value));
    const x = (at) => ((at - first) / length) * width;
    const y = (value) => height - 2 - (most > 0 ? (value / most) * (height - 6) : 0);
    const line = points.map(([at, value]) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join('L');
    set(this.line, 'd', `M${line}`);
    set(this.area, 'd', `M0 ${height}L${line}L${width} ${height}Z`);
    say(this.now, this.words(points.at(-1)[1]));
    say(this.most, `at most ${this.words(most)}`);
    say(this.span, `last ${duration(length / 1000)}`);
    set(this.picture, 'aria-label', `${this.title}: ${this.now.textContent} now, ${this.most.textContent} in the ${this.span.textContent}`);
  }
}
