namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>An orchestrator did something else in a replay than its history says.</summary>
internal sealed class NonDeterministicException(string message)
    : Exception("Non-deterministic orchestrator: " + message + " Did the code change while this instance ran, or does it read anything but its context?");
