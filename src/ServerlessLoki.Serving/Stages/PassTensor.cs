using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary><c>pass-tensor</c>: outputs of the parent become inputs of the child, any number by name, each cut, turned, reshaped or converted as the file
/// says.</summary>
internal sealed class PassTensor : IInputProducer
{
    /// <inheritdoc />
    public string Name => PipelineEdge.PassTensor;

    /// <inheritdoc />
    public ImmutableArray<TransformOption> Options { get; } = [];

    /// <summary>For an edge into a join only, which it cannot feed; <see cref="EdgeCheck"/> asks <see cref="Fault"/>.</summary>
    public ProducerNeeds Check(EdgeFit fit) => new(null, ParentTensor: true);

    /// <inheritdoc />
    public void Fill(in StageSource source, TransformConfig config, ModelTensor input, Span<byte> target) =>
        throw new NotSupportedException("Tensors are handed on by name, see Set.");

    /// <inheritdoc />
    public ImageRegion? RegionOf(in StageSource source, TransformConfig config, ModelTensor input) => null;

    /// <summary>Why the parent's outputs cannot become the child's inputs; null if they can, as far as shapes are fixed.</summary>
    public static string? Fault(TransformConfig config, TaskOutput from, ImmutableArray<TensorShape> handed, OnnxModel child)
    {
        if (from.Kind is not (TaskOutputKind.Tensor or TaskOutputKind.Embedding))
            return "'pass-tensor': the parent's output has no tensors to hand on: give it kind 'tensor' or 'embedding'";
        foreach (var name in config.Tensors.Keys)
        {
            if (!child.Inputs.Any(i => i.Name == name))
                return $"'pass-tensor': the child has no input '{name}'; it has {string.Join(", ", child.Inputs)}";
        }

        foreach (var input in child.Inputs)
        {
            var pass = PassOf(config, input);
            if (Find(handed, static t => t.Name, pass, input, child) is not { } output)
                return $"'pass-tensor': no output of the parent for input {input}; it hands on {string.Join(", ", handed.Select(static t => t.Name))}: name one, as in \"tensors\": {{\"{input.Name}\": \"…\"}}";
            var row = input.RowShape(child.HasBatch).ToArray();
            if (output.Datatype != input.Datatype && !(pass.Cast && TensorMoves.CanCast(output.Datatype, input.Datatype)))
                return $"'pass-tensor': output {output.Name} is {output.Datatype}, input {input} of the child is not: say \"cast\": true{(TensorMoves.CanCast(output.Datatype, input.Datatype) ? "" : ", which numbers can only")}";
            if (TensorMoves.ShapeOf([.. output.Shape], pass, out var fault) is not { } shape)
                return $"'pass-tensor': output {output.Name} [{string.Join(',', output.Shape)}]: {fault}";
            var fits = shape.Length == row.Length && shape.Zip(row).All(static p => p.First < 0 || p.Second < 0 || p.First == p.Second);
            if (!fits)
                return $"'pass-tensor': output {output.Name} becomes [{string.Join(',', shape)}], input {input} of the child takes rows of [{string.Join(',', row)}]: slice, transpose or reshape it";
        }

        return null;
    }

    /// <summary>Makes the inputs of a child, in the model's order.</summary>
    /// <param name="config">What the file says.</param>
    /// <param name="tensor">What the parent gave.</param>
    /// <param name="child">Model of the child.</param>
    /// <exception cref="ModelException">A shape that only the run knows does not fit.</exception>
    public static IEnumerable<LooseRow> Rows(TransformConfig config, RowTensor tensor, OnnxModel child)
    {
        foreach (var input in child.Inputs)
        {
            var pass = PassOf(config, input);
            var part = Find(tensor.Parts, static p => p.Name, pass, input, child)
                ?? throw new ModelException($"The parent gave no tensor for input '{input.Name}' of model '{child.Name}'; it gave {string.Join(", ", tensor.Parts.Select(static p => p.Name))}.");
            yield return TensorMoves.Move(part, pass, input.Datatype);
        }
    }

    private static TensorPass PassOf(TransformConfig config, ModelTensor input) => config.Tensors.GetValueOrDefault(input.Name) ?? new TensorPass();

    private static T? Find<T>(ImmutableArray<T> tensors, Func<T, string> name, TensorPass pass, ModelTensor input, OnnxModel child)
        where T : class => tensors.FirstOrDefault(t => name(t) == (pass.Output ?? input.Name)) ?? (pass.Output is null && tensors is [var only] && child.Inputs.Length == 1 ? only : null);
}
