using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Matching of a request's tensors with those that a pipeline takes.</summary>
internal static class PipelineTensors
{
    /// <summary>Returns the request's tensors in the pipeline's order.</summary>
    /// <param name="pipeline">Pipeline that the request asks for.</param>
    /// <param name="request">Parsed request.</param>
    /// <param name="limits">Limits of requests.</param>
    /// <param name="rows">Rows that every tensor has: the dimension in front of the pipeline's own; 1 where there is none.</param>
    /// <exception cref="ApiFaultException">400 with every tensor that is missing, unknown, or of another datatype, shape or number of rows;
    /// 413 for too many rows.</exception>
    public static InferTensor[] Match(Pipeline pipeline, InferRequest request, InferLimits limits, out int rows)
    {
        var faults = new FaultList();
        var (most, counts) = (1L, new long[request.Inputs.Count]);
        var found = new InferTensor?[pipeline.Inputs.Length];
        for (var i = 0; i < request.Inputs.Count; i++)
        {
            var tensor = request.Inputs[i];
            var at = Find(pipeline, tensor.Name);
            if (at < 0)
            {
                faults.Add($"$.inputs[{i}].name", $"'{tensor.Name}' is no input of pipeline '{pipeline.Name}', which takes {Names(pipeline)}");
                continue;
            }

            if (found[at] is not null)
                faults.Add($"$.inputs[{i}].name", $"'{tensor.Name}' is there twice");
            found[at] = tensor;
            counts[i] = Rows(pipeline, pipeline.Inputs[at], tensor, $"$.inputs[{i}]", faults);
            most = Math.Max(most, counts[i]);
        }

        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0 && counts[i] != most)
                faults.Add($"$.inputs[{i}].shape", $"{counts[i]} {(counts[i] == 1 ? "row" : "rows")}, another input has {most}");
        }

        for (var i = 0; i < found.Length; i++)
        {
            if (found[i] is null)
                faults.Add("$.inputs", $"'{pipeline.Inputs[i].Name}' is missing");
        }

        faults.ThrowIfAny();
        if (most > limits.MaxRows)
            throw ApiFaultException.TooLarge($"$.inputs: {most} rows are more than the {limits.MaxRows} that a request may bring. Send them in several requests.");
        rows = (int)most;
        return found!;
    }

    /// <summary>Returns one tensor of one row for each tensor of the request.</summary>
    /// <param name="tensors">What <see cref="Match"/> returned.</param>
    /// <param name="rows">Number of rows; at least 2, so that each tensor has them in front.</param>
    public static IEnumerable<InferTensor[]> Split(InferTensor[] tensors, int rows)
    {
        var offsets = Array.ConvertAll(tensors, t => t.Datatype == Datatype.Bytes
            ? TextElements.RowOffsets(t.Bytes, rows) : [.. Enumerable.Range(0, rows + 1).Select(r => t.Bytes.Length / rows * r)]);
        for (var row = 0; row < rows; row++)
            yield return [.. tensors.Select((t, i) => t with { Shape = t.Shape[1..], Bytes = t.Bytes[offsets[i][row]..offsets[i][row + 1]] })];
    }

    /// <summary>Packs the tensors with their names and shapes, in memory of the request.</summary>
    /// <exception cref="ApiFaultException">429: there is no room for them.</exception>
    public static ReadOnlyMemory<byte> Pack(InferRequest request, InferTensor[] tensors)
    {
        var parts = Array.ConvertAll(tensors, static t => new TensorPart(t.Name, t.Datatype.Name(), [.. t.Shape], t.Bytes));
        var memory = request.Memory.Rent(TensorPack.Size(parts));
        TensorPack.Write(parts, memory.Span);
        return memory.Memory;
    }

    /// <summary>Writes an input for messages: <c>INT64 [-1]</c>.</summary>
    public static string Describe(PipelineInput input) => $"{input.Datatype} [{string.Join(',', input.Shape)}]";

    private static int Find(Pipeline pipeline, string name)
    {
        for (var i = 0; i < pipeline.Inputs.Length; i++)
        {
            if (pipeline.Inputs[i].Name == name)
                return i;
        }

        return -1;
    }

    private static string Names(Pipeline pipeline) => string.Join(", ", pipeline.Inputs.Select(static i => $"'{i.Name}'"));

    /// <summary>Returns how many rows a tensor has; 0 after a fault.</summary>
    private static long Rows(Pipeline pipeline, PipelineInput input, InferTensor tensor, string path, FaultList faults)
    {
        if (input.IsImage && tensor.Datatype == Datatype.Bytes)
        {
            if (tensor.Shape is [>= 1] or [>= 1, 1])
                return tensor.Shape[0];
            faults.Add(path + ".shape", $"found [{string.Join(',', tensor.Shape)}], BYTES with picture files take [rows] or [rows,1], at least one");
            return 0;
        }

        if (tensor.Datatype.Name() != input.Datatype)
            faults.Add(path + ".datatype", $"found {tensor.Datatype.Name()}, pipeline '{pipeline.Name}' takes {input.Datatype}{(input.IsImage ? ", or BYTES with a picture file" : "")}");
        if (Rows(input, tensor.Shape) is var rows && rows > 0)
            return rows;
        faults.Add(path + ".shape", $"found [{string.Join(',', tensor.Shape)}], pipeline '{pipeline.Name}' takes {Describe(input)}, or the number of rows in front of that");
        return 0;
    }

    /// <summary>Returns the rows of a shape; 0 = it does not fit.</summary>
    private static long Rows(PipelineInput input, ReadOnlySpan<long> shape)
    {
        var want = input.Shape.AsSpan();
        var rows = 1L;
        if (shape.Length == want.Length + 1)
        {
            rows = shape[0];
            shape = shape[1..];
        }

        if (shape.Length != want.Length)
            return 0;
        for (var i = 0; i < want.Length; i++)
        {
            if (shape[i] < 1 || (want[i] >= 0 && shape[i] != want[i]))
                return 0;
        }

        return rows;
    }
}
