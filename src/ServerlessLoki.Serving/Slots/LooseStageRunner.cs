using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Serving.Slots;

/// <summary>A slot of a model whose rows come with their shapes, or are made of texts or sounds; others have <see cref="OnnxStageModel"/>'s own.</summary>
internal sealed class LooseStageRunner(
    Pipeline pipeline, PipelineTask task, TextForm? form, LooseRunner runner, StageOutputs outputs, TextEncoder? texts, AudioEncoder? sounds, EdgeTransforms[] edges) : IStageRunner
{
    private readonly OutputValues _values = new(runner.Model.Outputs, (row, output) => BytesOf(runner, row, output), (row, output) => PartOf(runner, row, output) is { } part ? part.Shape.AsSpan() : [])
    {
        Masks = MaskInput.Of(texts is null ? MaskInput.Find(runner.Model) : texts.Mask, (row, input) => runner.InputOf(row, input).Bytes.Span),
    };
    private readonly List<EncodedText?> _texts = [];
    private readonly List<OutputRow> _rows = [];

    public int MaxBatch => runner.MaxBatch;

    public bool IsSized => false;

    public void Warm(int batch) => runner.WarmUp();

    public void Fill(int row, StageItem item)
    {
        if (item.Scope is DirectQuery direct)
        {
            for (var input = 0; input < runner.Model.Inputs.Length; input++)
                runner.Set(row, input, new LooseRow(ShapeOf(direct.Request, input), direct.InputRows(input, item.ParentRow, 1)));
            return;
        }

        if (texts is not null)
            Keep(row, texts.Set(StageTexts.Of(item, form, pipeline, edges), runner, row));
        else if (item.Edge >= 0 && edges[item.Edge].Source == EdgeSource.ParentText)
            SetText(row, StageTexts.Of(item, null, pipeline, edges));
        else if (item.Edge >= 0 && edges[item.Edge].Source == EdgeSource.ParentTensors)
            SetTensors(row, item);
        else if (item.Scope.Input is not TensorInput tensor)
            throw new ModelException($"Model '{runner.Model.Name}' takes tensors, and the query brought none.");
        else if (sounds is not null)
            sounds.Set(TensorPack.Read(tensor.Bytes)[0].Bytes, runner, row);
        else
            RootInput.Set(tensor, pipeline, runner, row);
    }

    public void Run(int batch) => runner.Run(batch);

    public void Clear(int rows) => runner.Clear();

    public void Done()
    {
        runner.Clear();
        _texts.Clear();
    }


    public bool TryRead(int row, out OutputRow[] rows, out RowTensor? tensor)
    {
        (rows, tensor) = ([], null);
        if (task.Output.Kind == TaskOutputKind.Tensor)
        {
            tensor = new RowTensor([.. runner.OutputsOf(row).Where(o => TaskTensors.IsHandedOn(task.Output, o.Name))]);
            return tensor.Parts.All(static p => Numbers.AreIn(p));
        }

        _values.Row = row;
        _values.Text = row < _texts.Count ? _texts[row] : null;
        if (task.Output.IsMade)
            return (tensor = outputs.Read(_values)) is not null;
        if (!outputs.TryRead(_values, _rows))
            return false;
        rows = [.. _rows];
        return !outputs.HasMasks || (tensor = outputs.Masks(_values, _rows)) is not null;
    }

    public RowTensor? ReadProbabilities(int row)
    {
        _values.Row = row;
        return outputs.ReadProbabilities(_values);
    }

    public void ReadRaw(int row, DirectQuery query, int queryRow)
    {
        var parts = runner.OutputsOf(row);
        for (var i = 0; i < parts.Length; i++)
            query.WriteLoose(i, parts.Length, queryRow, parts[i]);
    }

    public void Dispose() => runner.Dispose();

    /// <summary>Finds an output by name: an output of maps is two parts.</summary>
    private static TensorPart? PartOf(LooseRunner runner, int row, int output)
    {
        var name = runner.Model.Outputs[output].Name;
        return runner.OutputsOf(row).FirstOrDefault(p => p.Name == name);
    }

    private static ReadOnlySpan<byte> BytesOf(LooseRunner runner, int row, int output) => PartOf(runner, row, output) is { } part ? part.Bytes.Span : [];

    /// <summary>One text for a model that reads texts by itself: every dimension of a row is 1.</summary>
    private void SetText(int row, ReadOnlyMemory<byte> text) =>
        runner.Set(row, 0, new LooseRow([.. Enumerable.Repeat(1L, runner.Model.Inputs[0].RowShape(runner.Model.HasBatch).Length)], text));

    private void SetTensors(int row, StageItem item)
    {
        foreach (var (input, value) in edges[item.Edge].Tensors(item, runner.Model).Index())
            runner.Set(row, input, value);
    }

    private void Keep(int row, EncodedText? text)
    {
        while (_texts.Count <= row)
            _texts.Add(null);
        _texts[row] = text;
    }

    private long[] ShapeOf(VariantRequest request, int input) =>
        request.RowShapes is { } shapes ? shapes[input] : runner.Model.Inputs[input].RowShape(runner.Model.HasBatch).ToArray();
}
