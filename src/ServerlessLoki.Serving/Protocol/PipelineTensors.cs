using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Matching of a request's tensors with those that a pipeline takes.</summary>
internal static class PipelineTensors
{
    /// <summary>Returns the request's tensors in the pipeline's order.</summary>
    /// <exception cref="ApiFaultException">400 with every tensor that is missing, unknown, or of another datatype or shape.</exception>
    public static InferTensor[] Match(Pipeline pipeline, InferRequest request)
    {
        var faults = new FaultList();
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
            Check(pipeline, pipeline.Inputs[at], tensor, $"$.inputs[{i}]", faults);
        }

        for (var i = 0; i < found.Length; i++)
        {
            if (found[i] is null)
                faults.Add("$.inputs", $"'{pipeline.Inputs[i].Name}' is missing");
        }

        faults.ThrowIfAny();
        return found!;
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

    private static void Check(Pipeline pipeline, PipelineInput input, InferTensor tensor, string path, FaultList faults)
    {
        if (input.IsImage && tensor.Datatype == Datatype.Bytes)
        {
            if (tensor.Shape.Length is < 1 or > 2 || tensor.Shape.Any(static d => d != 1))
                faults.Add(path + ".shape", $"found [{string.Join(',', tensor.Shape)}], BYTES with a picture file take [1] or [1,1], one query a request");
            return;
        }

        if (tensor.Datatype.Name() != input.Datatype)
            faults.Add(path + ".datatype", $"found {tensor.Datatype.Name()}, pipeline '{pipeline.Name}' takes {input.Datatype}{(input.IsImage ? ", or BYTES with a picture file" : "")}");
        if (!Fits(input, tensor.Shape))
            faults.Add(path + ".shape", $"found [{string.Join(',', tensor.Shape)}], pipeline '{pipeline.Name}' takes {Describe(input)}, one query a request");
    }

    private static bool Fits(PipelineInput input, ReadOnlySpan<long> shape)
    {
        var want = input.Shape.AsSpan();
        // Batching clients put a 1 in front of every shape.
        if (shape.Length == want.Length + 1 && shape[0] == 1)
            shape = shape[1..];
        if (shape.Length != want.Length)
            return false;
        for (var i = 0; i < want.Length; i++)
        {
            if (shape[i] < 1 || (want[i] >= 0 && shape[i] != want[i]))
                return false;
        }

        return true;
    }
}
