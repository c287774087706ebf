using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary><c>pass-text</c>: the text that the parent read, answered or found as a label. The child's <c>input</c> says how it becomes token ids;
/// a model that takes one <c>BYTES</c> tensor gets it as it is.</summary>
internal sealed class PassText : IInputProducer
{
    /// <inheritdoc />
    public string Name => PipelineEdge.PassText;

    /// <inheritdoc />
    public ImmutableArray<TransformOption> Options { get; } = [];

    /// <summary>Texts do not fill rows of a fixed size; <see cref="EdgeCheck"/> knows the tasks that take them.</summary>
    public ProducerNeeds Check(EdgeFit fit)
    {
        ArgumentNullException.ThrowIfNull(fit);
        return new($"input {fit.ChildInput} of the child takes no text: give its task \"input\": {{\"kind\": \"text\", \"tokenizer\": …}}, or a model that takes one text");
    }

    /// <inheritdoc />
    public void Fill(in StageSource source, TransformConfig config, ModelTensor input, Span<byte> target)
    {
        ArgumentNullException.ThrowIfNull(input);
        throw new ModelException($"input {input} takes no text.");
    }
}
