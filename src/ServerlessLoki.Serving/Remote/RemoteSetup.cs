using ServerlessLoki.Pipelines;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Remote;

/// <summary>What only one process can serve.</summary>
internal static class RemoteSetup
{
    /// <exception cref="HostSetupException">A task waits for all branches: what has arrived is booked in one process, and workers have no such book.</exception>
    public static void Check(IReadOnlyList<Pipeline> pipelines)
    {
        var faults = pipelines.SelectMany(p => p.Tasks.Where(t => t.IsJoin).Select(t => new Fault(
            $"{p.Name} $.tasks[{t.Name}]", "the task waits for all its branches, which workers in several processes cannot", t.Name,
            "a task that takes each arrival as a row of its own, or the embedded host"))).ToArray();
        if (faults.Length > 0)
            throw new HostSetupException(faults);
    }
}
