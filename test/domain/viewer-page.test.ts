import { describe, expect, it } from 'vitest';
import { problemOfViewerPage } from '../../src/domain/viewer-page.ts';

describe('a link to a page that shows a file', () => {
  it.each([
    ['https://drive.google.com/file/d/1AbC/view?usp=sharing', 'uc?export=download&id=1AbC'],
    ['https://drive.google.com/open?id=1AbC', 'uc?export=download&id=1AbC'],
    ['https://drive.google.com/drive/folders/1AbC', 'with the id of the file'],
    [
      'https://www.dropbox.com/scl/fi/x/a.png?rlkey=y&dl=0',
      'Use https://www.dropbox.com/scl/fi/x/a.png?rlkey=y&raw=1',
    ],
    ['https://dropbox.com/s/x/a.png', 'Use https://dropbox.com/s/x/a.png?raw=1'],
    ['https://photos.app.goo.gl/x', 'page of Google'],
    ['https://github.com/a/b/blob/main/a.png', 'Raw'],
    ['https://firm-my.sharepoint.com/:i:/g/x', 'Put the file'],
    ['https://youtu.be/x', 'Put the file'],
  ])('is none to the file: %s', (link, words) => {
    expect(problemOfViewerPage(link)).toContain(words);
  });

  it.each([
    'https://drive.google.com/uc?export=download&id=1AbC',
    'https://www.dropbox.com/scl/fi/x/a.png?rlkey=y&raw=1',
    'https://dl.dropboxusercontent.com/s/x/a.png',
    'https://raw.githubusercontent.com/a/b/main/a.png',
    'https://cdn.example.com/view/a.png',
    'no link',
  ])('and a file is one: %s', (link) => {
    expect(problemOfViewerPage(link)).toBeNull();
  });
});
