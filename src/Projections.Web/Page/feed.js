// A projection's feed, in sentences.

import { duration, moment } from './format.js';

const ago = (text) => duration(Math.max(0, (Date.now() - new Date(text)) / 1000));

export function describeFeed(feed) {
  const parts = [`Its feed is on since ${moment(feed.since)}, and goes back to position ${feed.goesBackTo} (${ago(feed.goesBackSince)}).`];
  if (feed.pendingVersion !== null) {
    parts.push(`For ${ago(feed.pendingSince)} the rows in which v${feed.pendingVersion} differs from what readers saw before have been looked for; who reads the feed waits there.`);
  }
  if (feed.isPublished) {
    parts.push(feed.unpublishedSince === null ? 'All of it is published on the bus.' : `The first message that waits to be published on the bus has waited for ${ago(feed.unpublishedSince)}.`);
  }
  return parts.join(' ');
}
