using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Tensors that a query of a tensor pipeline brings: those of its root models, narrowed by the file.</summary>
internal static class RootInputs
{
    /// <summary>Lists the tensors of a query. The file names one; a model with several inputs gives the others.</summary>
    public static ImmutableArray<PipelineInput> Of(Pipeline pipeline, IReadOnlyList<ModelDescription> roots, List<Fault> faults)
    {
        ImmutableArray<PipelineInput> inputs = [pipeline.Input];
        foreach (var root in roots)
        {
            if ((roots[0].Inputs.Length > 1 || root.Inputs.Length > 1) && !Names(root).SequenceEqual(Names(roots[0]), StringComparer.Ordinal))
            {
                faults.Add(new Fault("$.tasks[0].variants", $"variant {root.Name} takes other inputs than {roots[0].Name}", string.Join(", ", Names(root)), string.Join(", ", Names(roots[0]))));
                continue;
            }

            if (root.Inputs.Length == 1)
                inputs = [Narrow(inputs[0], root, root.Inputs[0], isDeclared: true, faults)];
            else
                inputs = Several(pipeline, inputs, root, faults);
        }

        return inputs;
    }

    private static IEnumerable<string> Names(ModelDescription model) => model.Inputs.Select(static i => i.Name).Order(StringComparer.Ordinal);

    private static ImmutableArray<PipelineInput> Several(Pipeline pipeline, ImmutableArray<PipelineInput> inputs, ModelDescription root, List<Fault> faults)
    {
        if (root.Inputs.All(i => i.Name != pipeline.Input.Name))
        {
            faults.Add(new Fault("$.input.name", $"variant {root.Name} has no such input", pipeline.Input.Name, $"one of {string.Join(", ", root.Inputs.Select(static i => $"{i.Name} {i.Datatype} {Text(i.Shape)}"))}; queries bring the others too"));
            return inputs;
        }

        // The declared one first, then the others in the model's order.
        return [.. root.Inputs.OrderBy(i => i.Name != pipeline.Input.Name).Select(i => Narrow(
            inputs.FirstOrDefault(known => known.Name == i.Name) ?? new PipelineInput(i.Name, i.Datatype, root.RowOf(i)),
            root, i, i.Name == pipeline.Input.Name, faults))];
    }

    private static PipelineInput Narrow(PipelineInput input, ModelDescription root, TensorDescription tensor, bool isDeclared, List<Fault> faults)
    {
        var (datatypeAt, shapeAt) = isDeclared ? ("$.input.datatype", "$.input.shape") : ("$.tasks[0].variants", "$.tasks[0].variants");
        if (tensor.Datatype != input.Datatype)
            faults.Add(new Fault(datatypeAt, $"variant {root.Name} takes another for '{tensor.Name}'", input.Datatype, tensor.Datatype));
        var row = root.RowOf(tensor);
        if (Shape(input.Shape, row) is { } shape)
            return input with { Shape = shape };
        faults.Add(new Fault(shapeAt, $"variant {root.Name} takes another for '{tensor.Name}'", Text(input.Shape), $"{Text(row)}, or {Text(row.Insert(0, -1))} for batching clients"));
        return input;
    }

    /// <summary>Returns the shape of one row, with or without a batch dimension before it; null if the row is another.</summary>
    private static ImmutableArray<long>? Shape(ImmutableArray<long> declared, ImmutableArray<long> row)
    {
        if (declared.Length == row.Length + 1 && declared[0] is -1 or 1 && Narrow(declared.RemoveAt(0), row) is { } batched)
            return batched.Insert(0, 1);
        return declared.Length == row.Length ? Narrow(declared, row) : null;
    }

    /// <summary>Combines two shapes: where both give a length they must agree; where one leaves it open the other decides.</summary>
    private static ImmutableArray<long>? Narrow(ImmutableArray<long> declared, ImmutableArray<long> row)
    {
        var shape = declared.ToBuilder();
        for (var i = 0; i < row.Length; i++)
        {
            if (shape[i] < 0)
                shape[i] = row[i];
            else if (row[i] >= 0 && row[i] != shape[i])
                return null;
        }

        return shape.ToImmutable();
    }

    private static string Text(ImmutableArray<long> shape) => $"[{string.Join(',', shape)}]";
}
