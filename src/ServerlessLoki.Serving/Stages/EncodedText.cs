using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Second text of a pair with the positions of its tokens.</summary>
/// <param name="Text">Text as received.</param>
/// <param name="First">Position of its first token among all tokens of the row.</param>
/// <param name="Places">For each of its tokens in the model's input: first character of its word, and the character after the word.</param>
/// <param name="HasStart">True where the row's first token is a special one, whose logits mean "no answer".</param>
public sealed record EncodedText(string Text, int First, ImmutableArray<(int Start, int End)> Places, bool HasStart);
