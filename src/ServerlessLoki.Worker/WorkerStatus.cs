using ServerlessLoki.Serving.Distributed.State;

namespace ServerlessLoki.Worker;

/// <summary>Content of <c>/status</c>.</summary>
/// <param name="State">State: starting, working, draining or stopped.</param>
/// <param name="Device">Device type of the slots.</param>
/// <param name="Uptime">Time since the engine was built; null before.</param>
/// <param name="Engine">Report of the engine, execution provider included; null before it works.</param>
internal sealed record WorkerStatus(string State, string Device, TimeSpan? Uptime, WorkerReport? Engine);
