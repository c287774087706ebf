using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>A queue that the plan does not use any more.</summary>
/// <param name="Pipeline">Pipeline name.</param>
/// <param name="Task">Task name.</param>
/// <param name="Variant">Variant name.</param>
/// <param name="Since">When it left the plan.</param>
public sealed record RetiredQueue(string Pipeline, string Task, string Variant, DateTimeOffset Since)
{
    internal StageKey Key => new(Pipeline, Task, Variant);
}
