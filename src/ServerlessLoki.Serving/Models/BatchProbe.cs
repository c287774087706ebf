using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Models;

/// <summary>Probe that finds out how a model lays a batch out: it runs different rows alone and together, at two batch sizes.</summary>
/// <remarks>Rows that share a batch must get the answers that they get alone. What the dimensions of a file are called says little about
/// that: a recogniser may give time first, a graph may have a batch size inside, or mix its rows.</remarks>
internal static class BatchProbe
{
    private const int Rows = 3;

    /// <summary>Finds the layout. Runs the model about ten times, on two or three rows at most.</summary>
    public static BatchLayout Find(OnnxModel model)
    {
        if (!model.HasBatch)
            return BatchLayout.Declared(model, "its inputs have no dimension in common that is the batch");
        if (model.FixedBatch == 1 && model.Outputs.All(o => o.IsMap || o.Shape is [1, ..]))
            return BatchLayout.Declared(model);
        if (!ProbeRun.CanTry(model))
            return Untried(model);
        string? cause = null;
        string? held = null;
        foreach (var draw in ProbeDraw.For(model))
        {
            using var run = new ProbeRun(model, draw);
            if (run.Alone() is { } fault)
            {
                cause = fault;
                continue;
            }

            var found = model.FixedBatch is { } batch ? Fixed(model, run, batch) : Growing(model, run);
            if (found.Held is null && draw.IsDistinct)
                return found;
            if (found.Held is null)
                return AsDeclared(model, found, cause);
            // Once more with other values: two rows may differ by the rounding of a tie only.
            if (held is not null || !draw.IsDistinct)
                return found;
            held = found.Held;
        }

        return BatchLayout.Declared(model, held ?? $"it could not be tried: {cause}");
    }

    /// <summary>Makes the layout of a model that cannot be probed: texts and BF16 cannot be generated, and maps cannot be compared, so the
    /// declared dimensions count.</summary>
    private static BatchLayout Untried(OnnxModel model) => BatchLayout.Declared(model, model.Outputs.All(o => o.IsMap || model.IsDeclaredBatch(o, 0))
        ? null
        : "it has texts, maps or BF16, and its file does not say which dimension of its outputs is the batch");

    /// <summary>Makes the layout of a model whose different rows could not be computed: the shapes seen must match the declared
    /// ones.</summary>
    private static BatchLayout AsDeclared(OnnxModel model, BatchLayout found, string? cause) =>
        model.FixedBatch == 1 || model.Outputs.All(o => found.Outputs[o.Index].Axis is var axis && axis >= 0 && model.IsDeclaredBatch(o, axis))
            ? found
            : found with { Held = $"two different rows could not be tried ({cause}), and its file does not say which dimension of its outputs is the batch" };

    private static BatchLayout Growing(OnnxModel model, ProbeRun run)
    {
        var alone = model.Outputs.Select(o => run.Shape(0, o.Index)).ToArray();
        var varying = model.Outputs.FirstOrDefault(o => Enumerable.Range(1, Rows - 1).Any(r => !run.Shape(r, o.Index).SequenceEqual(alone[o.Index])));
        if (varying is not null)
            return Held(model, run, $"the size of output '{varying.Name}' depends on the data");
        var layouts = ImmutableArray<OutputLayout>.Empty;
        for (var batch = 2; batch <= Rows; batch++)
        {
            if (run.Together(batch) is { } fault)
                return Held(model, run, $"a batch of {batch} fails: {fault}");
            var found = ImmutableArray.CreateBuilder<OutputLayout>(model.Outputs.Length);
            foreach (var output in model.Outputs)
            {
                var shape = run.BatchShape(output.Index);
                var axis = GrowingAxis(alone[output.Index], shape, batch);
                if (axis < 0)
                    return Held(model, run, $"output '{output.Name}' does not grow with the batch: [{string.Join(',', alone[output.Index])}] for one row, [{string.Join(',', shape)}] for {batch}");
                var layout = Layout(model, output, alone[output.Index], axis, (int)alone[output.Index][axis]);
                if (!run.Agrees(output, layout, batch))
                    return Held(model, run, $"output '{output.Name}' of a row depends on the rows beside it");
                found.Add(layout);
            }

            if (!layouts.IsEmpty && !layouts.Select(l => l.Axis).SequenceEqual(found.Select(l => l.Axis)))
                return Held(model, run, "its outputs lie differently in batches of 2 and of 3");
            layouts = found.MoveToImmutable();
        }

        // How many places a row takes may depend on its length, which the probe chose.
        return !model.IsSized && layouts.Any(static l => l.Extent != 1)
            ? Held(model, run, "a row takes several places of an output, and how many may depend on its size")
            : new BatchLayout(layouts, null);
    }

    /// <summary>Finds the layout of a model with a fixed batch: shapes never change, so only values tell the rows apart.</summary>
    private static BatchLayout Fixed(OnnxModel model, ProbeRun run, int batch)
    {
        if (batch == 1)
        {
            return new BatchLayout([.. model.Outputs.Select(o => OutputLayout.First(o, run.IsFirstAlways(o.Index, 1)) with
            {
                // A dimension that the file leaves open beside a fixed batch is not the batch: its size may change.
                IsBound = o.RowBytes is not null && o.Shape is [1, ..],
            })], null);
        }

        if (run.Together(Math.Min(Rows, batch)) is { } fault)
            return Held(model, run, $"different rows in its batch fail: {fault}");
        var found = ImmutableArray.CreateBuilder<OutputLayout>(model.Outputs.Length);
        foreach (var output in model.Outputs)
        {
            var shape = run.BatchShape(output.Index);
            var axes = Enumerable.Range(0, shape.Length).Where(i => shape[i] > 0 && shape[i] % batch == 0).OrderBy(i => shape[i] != batch)
                .Select(i => Layout(model, output, [.. shape.Select((d, at) => at == i ? d / batch : d)], i, (int)(shape[i] / batch)))
                .Where(l => run.Agrees(output, l, batch)).ToList();
            if (axes.Count == 0)
                return Held(model, run, $"output '{output.Name}' of a row depends on the rows beside it, or does not have a batch dimension");
            found.Add(axes[0]);
        }

        return new BatchLayout(found.MoveToImmutable(), null);
    }

    /// <summary>Makes the layout of a model that runs one row at a time: the whole output belongs to the row.</summary>
    private static BatchLayout Held(OnnxModel model, ProbeRun run, string because) => new(
        [.. model.Outputs.Select(o => OutputLayout.First(o, run.IsFirstAlways(o.Index, model.FixedBatch ?? 1)) with { IsBound = false })], because);

    private static OutputLayout Layout(OnnxModel model, ModelTensor output, ImmutableArray<long> alone, int axis, int extent) => new(
        axis, extent, axis == 0 && extent == 1 && output.RowBytes is not null && (output.Shape[0] < 0 || output.Shape[0] == model.FixedBatch)) { Alone = model.IsSized ? alone : [] };

    /// <summary>Finds the dimension that is <paramref name="batch"/> times as long as for one row while all others stay; −1 if there is not
    /// exactly one.</summary>
    private static int GrowingAxis(ImmutableArray<long> alone, ImmutableArray<long> together, int batch)
    {
        if (alone.Length != together.Length)
            return -1;
        var axis = -1;
        for (var i = 0; i < alone.Length; i++)
        {
            if (together[i] == alone[i])
                continue;
            if (axis >= 0 || together[i] != batch * alone[i])
                return -1;
            axis = i;
        }

        return axis;
    }
}
