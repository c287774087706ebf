using ServerlessLoki.Serving.Distributed.State;

namespace ServerlessLoki.Worker;

/// <summary>What <c>/status</c> says.</summary>
/// <param name="State">Starting, working, draining or stopped.</param>
/// <param name="Device">Device of its slots.</param>
/// <param name="Uptime">Since its engine was built; null before.</param>
/// <param name="Engine">What its slots do, execution provider included; null before it works.</param>
internal sealed record WorkerStatus(string State, string Device, TimeSpan? Uptime, WorkerReport? Engine);
