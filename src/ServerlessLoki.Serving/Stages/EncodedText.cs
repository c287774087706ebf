using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Stages;

/// <summary>The second text of a pair and where its tokens lie in it.</summary>
/// <param name="Text">As it came.</param>
/// <param name="First">Position of its first token among all tokens of the row.</param>
/// <param name="Places">Of each token of it that the model got: first character of its word, and the one behind that.</param>
/// <param name="HasStart">True where the row's first token is a special one, whose logits mean "no answer".</param>
public sealed record EncodedText(string Text, int First, ImmutableArray<(int Start, int End)> Places, bool HasStart);
