using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Tensors that tasks hand on: the output that the file names, else all of the model's.</summary>
internal static class TaskTensors
{
    /// <summary>Lists the tensors by task; empty for a task that hands on rows.</summary>
    public static ImmutableArray<ImmutableArray<TensorShape>> Of(Pipeline pipeline, IReadOnlyList<IReadOnlyList<ModelDescription>> models, List<Fault> faults) =>
        [.. pipeline.Tasks.Select(t => t.Output.IsTensors ? Of(t, models[t.Index], faults) : [])];

    /// <summary>Tests whether the task hands on an output.</summary>
    public static bool IsHandedOn(TaskOutput output, string name) => output.Tensor is null || output.Tensor == name;

    private static ImmutableArray<TensorShape> Of(PipelineTask task, IReadOnlyList<ModelDescription> models, List<Fault> faults)
    {
        ImmutableArray<TensorShape> tensors = [];
        foreach (var model in models)
        {
            ImmutableArray<TensorShape> found = task.Output.IsMade ? MadeTensors.Of(task.Output, model) : [.. model.Outputs.Where(o => IsHandedOn(task.Output, o.Name))
                .Select(o => new TensorShape(o.Name, o.Datatype, model.RowOf(o)))];
            if (tensors.IsEmpty)
                tensors = found;
            else if (!Agree(tensors, found))
                faults.Add(new Fault($"$.tasks[{task.Name}].variants[{model.Name}].model", $"it hands on other tensors than {models[0].Name}", Text(found), Text(tensors)));
            else
                tensors = [.. tensors.Zip(found, static (a, b) => a with { Shape = Common(a.Shape, b.Shape) })];
        }

        return tensors;
    }

    /// <summary>Tests whether tensors agree. Names must agree where there are several, since callers see them.</summary>
    private static bool Agree(ImmutableArray<TensorShape> a, ImmutableArray<TensorShape> b) =>
        a.Length == b.Length && a.Zip(b).All(p => p.First.Datatype == p.Second.Datatype && (a.Length == 1 || p.First.Name == p.Second.Name));

    private static ImmutableArray<long> Common(ImmutableArray<long> a, ImmutableArray<long> b) =>
        a.Length == b.Length ? [.. a.Zip(b, static (x, y) => x == y ? x : -1)] : [-1];

    private static string Text(ImmutableArray<TensorShape> tensors) => string.Join(", ", tensors.Select(static t => $"{t.Name} {t.Datatype}"));
}
