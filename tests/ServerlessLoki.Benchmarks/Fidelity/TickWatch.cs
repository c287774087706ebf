using ServerlessLoki.Serving;

namespace ServerlessLoki.Benchmarks.Fidelity;

/// <summary>What the host's control loop believes of the machine.</summary>
internal sealed class TickWatch
{
    public TickWatch(ServingEngine engine) => engine.Ticked += tick => Slowdown = tick.Slowdown;

    /// <summary>Batch times over their profile, smoothed.</summary>
    public double Slowdown { get; private set; } = 1;
}
