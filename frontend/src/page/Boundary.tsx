/** Where a page breaks, what is around it stays, and the reader is told what to do. */

import { Component, type ReactNode } from 'react';
import { Failure } from './Failure';

interface State {
  error: unknown;
}

export class Boundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error ?? new Error('unknown') };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return <Failure error={this.state.error} onRetry={() => this.setState({ error: undefined })} />;
  }
}
