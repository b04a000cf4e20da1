// SPDX-License-Identifier: MIT
// A line of a few figures over time, as small as a word.

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 96;
const HEIGHT = 20;

export function sparkline(series: Float64Array, title: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('class', 'spark');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', title);
  const most = series.reduce((a, b) => Math.max(a, b), 0);
  if (most === 0 || series.length < 2) return svg;
  const x = (i: number): string => ((i * WIDTH) / (series.length - 1)).toFixed(1);
  const y = (value: number): string => (HEIGHT - 1 - (value / most) * (HEIGHT - 3)).toFixed(1);
  let line = '';
  series.forEach((value, i) => (line += `${i === 0 ? 'M' : 'L'}${x(i)} ${y(value)}`));
  const area = document.createElementNS(SVG, 'path');
  area.setAttribute('class', 'spark-area');
  area.setAttribute('d', `${line}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`);
  const stroke = document.createElementNS(SVG, 'path');
  stroke.setAttribute('class', 'spark-line');
  stroke.setAttribute('d', line);
  const name = document.createElementNS(SVG, 'title');
  name.textContent = title;
  svg.append(name, area, stroke);
  return svg;
}
