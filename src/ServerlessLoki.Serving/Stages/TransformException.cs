using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Transforms of edges are unknown, badly set or do not fit their models. Lists every fault with its JSON path.</summary>
public sealed class TransformException(ImmutableArray<string> faults) : Exception(string.Join(Environment.NewLine, faults))
{
    /// <summary>Faults, one sentence each: where, found, allowed.</summary>
    public ImmutableArray<string> Faults { get; } = faults;
}
