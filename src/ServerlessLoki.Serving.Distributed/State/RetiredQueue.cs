using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Serving.Distributed.State;

/// <summary>Queue that the plan no longer uses.</summary>
/// <param name="Pipeline">Pipeline name.</param>
/// <param name="Task">Task name.</param>
/// <param name="Variant">Variant name.</param>
/// <param name="Since">Time when the variant left the plan.</param>
public sealed record RetiredQueue(string Pipeline, string Task, string Variant, DateTimeOffset Since)
{
    internal StageKey Key => new(Pipeline, Task, Variant);
}
