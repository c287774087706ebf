using ServerlessLoki.Cli.Load;
using ServerlessLoki.Serving;

namespace ServerlessLoki.Benchmarks.Fidelity;

/// <summary>What the host takes without load.</summary>
/// <param name="WireMs">Mean time between client and engine of an answer while no other query is there, milliseconds.</param>
/// <param name="WakeMs">Mean time until a compute thread takes a row that finds all of them idle, milliseconds.</param>
/// <param name="IdleShare">Core time over time without any query.</param>
internal sealed record QuietHost(double WireMs, double WakeMs, double IdleShare)
{
    private const double Qps = 12;
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(3);

    /// <summary>Takes 5 s.</summary>
    public static async Task<QuietHost> OfAsync(IServingEngine engine, HttpLoadTarget target)
    {
        var start = CoreTimes.Now();
        await Task.Delay(TimeSpan.FromSeconds(2));
        var idle = CoreTimes.Now() - start;
        var alone = await LiveRound.RunAsync(
            engine, target, ArrivalSchedule.Build([new LoadPhase("alone", Qps, Qps, Length)], ArrivalKind.Constant, 4), 1);
        return new QuietHost(alone.WireMs, alone.After.MeanRootWaitMs(alone.Before), idle.ProcessMs / idle.Clock);
    }
}
