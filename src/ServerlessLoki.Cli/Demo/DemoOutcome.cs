using System.Collections.Immutable;
using ServerlessLoki.Cli.Output;

namespace ServerlessLoki.Cli.Demo;

/// <summary>What the demo measured.</summary>
/// <param name="SustainedQps">Throughput of the most accurate path at saturation.</param>
/// <param name="Runs">Under <c>hardware-only</c>, then under the policy that is shown.</param>
/// <param name="Promises">Checked on the last run.</param>
internal sealed record DemoOutcome(double SustainedQps, ImmutableArray<DemoRun> Runs, ImmutableArray<Promise> Promises)
{
    /// <summary>True when no promise was broken: each was held, or is not judged because others had the cores.</summary>
    public bool Passed => !Promises.Any(p => p.Broken);

    /// <summary>What the command exits with when it ends here.</summary>
    public int ExitCode => Passed ? ExitCodes.Ok : ExitCodes.Failed;
}
