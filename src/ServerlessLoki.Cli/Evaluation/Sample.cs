using System.Collections.Immutable;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Cli.Evaluation;

/// <summary>Query with its right answers.</summary>
/// <param name="Name">File or line that it came from.</param>
/// <param name="Input">What the query brings.</param>
internal sealed record Sample(string Name, SampleInput Input)
{
    /// <summary>Values of the pipeline's parameters.</summary>
    public ImmutableArray<TensorPart> Arguments { get; init; } = [];

    /// <summary>Right answers by the name of the field that holds them: <c>label</c>, <c>answer</c> or a task's name. Several = each is right.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> Truths { get; init; } = ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>Objects in the picture; empty where the data have no boxes.</summary>
    public ImmutableArray<TruthBox> Boxes { get; init; } = [];
}
