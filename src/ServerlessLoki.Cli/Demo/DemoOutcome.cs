using System.Collections.Immutable;

namespace ServerlessLoki.Cli.Demo;

/// <summary>What the demo measured.</summary>
/// <param name="SustainedQps">Throughput of the most accurate path at saturation.</param>
/// <param name="Runs">Under <c>hardware-only</c>, then under the policy that is shown.</param>
/// <param name="Promises">Checked on the last run.</param>
internal sealed record DemoOutcome(double SustainedQps, ImmutableArray<DemoRun> Runs, ImmutableArray<Promise> Promises);
