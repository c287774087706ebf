using System.Collections.Immutable;
using ServerlessLoki.Cli.Output;

namespace ServerlessLoki.Cli.Demo;

/// <summary>Results of the demo.</summary>
/// <param name="SustainedQps">Throughput of the most accurate path at saturation, queries per second.</param>
/// <param name="Runs">Runs under <c>hardware-only</c>, then under the shown policy.</param>
/// <param name="Promises">Promises, checked on the last run.</param>
internal sealed record DemoOutcome(double SustainedQps, ImmutableArray<DemoRun> Runs, ImmutableArray<Promise> Promises)
{
    /// <summary>True when no promise was broken: each was held, or is not judged because other processes used the cores.</summary>
    public bool Passed => !Promises.Any(p => p.Broken);

    /// <summary>Exit code of the command.</summary>
    public int ExitCode => Passed ? ExitCodes.Ok : ExitCodes.Failed;
}
