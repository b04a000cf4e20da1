// SPDX-License-Identifier: MIT
// A view that is not there yet.

import { empty } from '../widgets/status';
import type { ViewKind } from './view';

export function placeholder(id: string, title: string, group: ViewKind['group'], icon: string): ViewKind {
  return {
    id,
    title,
    icon,
    group,
    create(host) {
      host.replaceChildren(empty(title));
      return { show: () => undefined, dispose: () => undefined };
    },
  };
}
