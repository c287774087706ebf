using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Serving.Slots;

/// <summary>A slot of a root model whose rows come with their shapes; others have <see cref="OnnxStageModel"/>'s own.</summary>
internal sealed class LooseStageRunner(Pipeline pipeline, PipelineTask task, LooseRunner runner) : IStageRunner
{
    private readonly List<OutputRow> _rows = [];

    public int MaxBatch => runner.MaxBatch;

    public void Warm(int batch) => runner.WarmUp();

    public void Fill(int row, StageItem item)
    {
        if (item.Scope is DirectQuery direct)
        {
            for (var input = 0; input < runner.Model.Inputs.Length; input++)
                runner.Set(row, input, new LooseRow(ShapeOf(direct.Request, input), direct.InputRows(input, item.ParentRow, 1)));
            return;
        }

        if (item.Scope.Input is not TensorInput tensor)
            throw new ModelException($"Model '{runner.Model.Name}' takes tensors, and the query brought none.");
        RootInput.Set(tensor, pipeline, runner, row);
    }

    public void Run(int batch) => runner.Run(batch);

    public void Clear(int rows)
    {
    }

    public bool TryRead(int row, out OutputRow[] rows, out RowTensor? tensor)
    {
        var outputs = runner.OutputsOf(row);
        (rows, tensor) = ([], null);
        if (task.Output.Kind == TaskOutputKind.Tensor)
        {
            tensor = new RowTensor([.. outputs.Where(o => TaskTensors.Counts(task.Output, o.Name))]);
            return tensor.Parts.All(static p => Numbers.AreIn(p));
        }

        var values = new RowTensor([outputs.First(o => TaskTensors.Counts(task.Output, o.Name))]).Values;
        if (!StageOutputs.TryDecode(task.Output, values, _rows))
            return false;
        rows = [.. _rows];
        return true;
    }

    public void ReadRaw(int row, DirectQuery query, int queryRow)
    {
        var outputs = runner.OutputsOf(row);
        for (var i = 0; i < outputs.Length; i++)
            query.WriteLoose(i, outputs.Length, queryRow, outputs[i]);
    }

    public void Dispose() => runner.Dispose();

    private long[] ShapeOf(VariantRequest request, int input) =>
        request.RowShapes is { } shapes ? shapes[input] : runner.Model.Inputs[input].RowShape(runner.Model.HasBatch).ToArray();
}
