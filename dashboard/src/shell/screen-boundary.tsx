import { Component } from 'react';
import type { ReactNode } from 'react';
import { ApiProblem } from '../api/api-problem.ts';
import { Problem } from '../ui/problem.tsx';

/** Catches a fault while a screen is drawn, so that header, navigation and pause button stay usable. */
export class ScreenBoundary extends Component<{ readonly children: ReactNode }, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    const problem = new ApiProblem(200, { title: 'This screen could not be drawn.', code: 'SCREEN_FAILED', remedy: 'report' });
    return <Problem problem={problem} onRetry={() => this.setState({ hasFailed: false })} />;
  }
}
