using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Edges whose transforms are unknown, badly set or do not fit their models. Lists every fault with its JSON path.</summary>
public sealed class TransformException(ImmutableArray<string> faults) : Exception(string.Join(Environment.NewLine, faults))
{
    /// <summary>One sentence per fault: where, what was found, what is allowed.</summary>
    public ImmutableArray<string> Faults { get; } = faults;
}
