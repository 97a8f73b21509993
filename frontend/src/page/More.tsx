/** The button below a list that has more than is shown; nothing where it has not. */

import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { Button } from 'react-aria-components';

interface Props {
  list: Pick<UseInfiniteQueryResult, 'hasNextPage' | 'isFetchingNextPage' | 'fetchNextPage'>;
  label: string;
}

export function More({ list, label }: Props) {
  if (!list.hasNextPage) return null;
  return (
    <Button className="button" isPending={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
      {label}
    </Button>
  );
}
