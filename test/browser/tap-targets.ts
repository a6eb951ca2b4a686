import type { Page } from 'playwright-core';

/** As WCAG 2.2 has it (2.5.8): a finger meets what has so many CSS pixels each way. */
const LEAST_PX = 24;

/**
 * What can be pressed and is smaller than a finger needs, with its size. Links within a sentence are as high as its lines, and left
 * out; so is what is not on the page, or only for who reads by ear.
 */
const SMALL = `(() => {
  const pressed = document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary');
  const inSentence = (element) => {
    if (element.tagName !== 'A' || getComputedStyle(element).display !== 'inline') return false;
    const around = element.closest('p, li, dd, small, td, th, figcaption, label');
    return around !== null && around.textContent.trim().length > element.textContent.trim().length + 3;
  };
  return [...pressed].flatMap((element) => {
    const label = element.matches('input[type=radio], input[type=checkbox]') ? element.closest('label') : null;
    // What covers more than its words does so by what stands after them.
    const covers = getComputedStyle(element, '::after').position === 'absolute';
    const area = covers ? element.offsetParent : (label ?? element);
    const { width, height } = (area ?? element).getBoundingClientRect();
    const isSeen = element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && width > 1 && height > 1;
    if (!isSeen || inSentence(element)) return [];
    if (width >= ${LEAST_PX} && height >= ${LEAST_PX}) return [];
    const name = (element.textContent || element.name || element.title).trim().slice(0, 40);
    return [element.tagName.toLowerCase() + ' "' + name + '" ' + Math.round(width) + 'x' + Math.round(height)];
  });
})()`;

/** The tap targets of a page that are too small. */
export async function smallTargets(page: Page): Promise<string[]> {
  return await page.evaluate<string[]>(SMALL);
}
