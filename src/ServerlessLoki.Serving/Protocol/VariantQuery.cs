using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Conversion of a request body to the inputs of one variant's model.</summary>
public static class VariantQuery
{
    /// <summary>Reads a body of any form except an image.</summary>
    /// <param name="model">Description of the requested variant.</param>
    /// <param name="headers">Headers of the request.</param>
    /// <param name="body">Body; owned by the returned call's variant request, and by this method when it throws. Memory for parsed content
    /// is charged to its share.</param>
    /// <param name="limits">Limits of requests.</param>
    /// <exception cref="ApiFaultException">400, 413, 415 or 422 with every fault; 429 where there is no room.</exception>
    public static VariantCall Read(ModelDescription model, InferHeaders headers, PooledBytes body, InferLimits limits)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(headers);
        ArgumentNullException.ThrowIfNull(body);
        var request = headers.Form switch
        {
            BodyForm.Picture or BodyForm.Sound or BodyForm.Multipart => Refuse(model, headers, body),
            BodyForm.Raw => Raw(model, body),
            _ => InferRequestParser.Parse(body, headers.Form == BodyForm.Binary ? headers.JsonLength : null, limits),
        };
        try
        {
            var inputs = new ReadOnlyMemory<byte>[model.Inputs.Length];
            var rows = Match(model, request, inputs, out var shapes);
            CheckOutputs(model, request);
            var parameters = request.Parameters.Within(headers.Deadline);
            return new VariantCall(request, new VariantRequest
            {
                Variant = model.Name,
                Rows = rows,
                Inputs = inputs,
                RowShapes = shapes,
                RowOffsets = shapes is null || rows == 1 ? null : [.. inputs.Select((bytes, i) => model.Inputs[i].Datatype == "BYTES" ? TextElements.RowOffsets(bytes, rows) : null)],
                Owner = request,
                Latency = AskedTime.Of(parameters.Latency, Dispatcher.DirectLatency, limits),
            });
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    /// <summary>Lists the tensors of the answer, in the model's order.</summary>
    public static IReadOnlyList<OutputTensor> Outputs(ModelDescription model, int rows, VariantResult result)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(result);
        if (result.Loose is { } loose)
            return [.. loose.Select((o, i) => new OutputTensor(o.Name, Datatypes.Require(o.Datatype), model.HasBatch ? [rows, .. o.Shape] : [.. o.Shape], result.Outputs[i]))];
        var outputs = new OutputTensor[model.Outputs.Length];
        for (var i = 0; i < outputs.Length; i++)
        {
            var output = model.Outputs[i];
            var datatype = Datatypes.Require(output.Datatype);
            var bytes = result.Outputs[i];
            outputs[i] = new OutputTensor(output.Name, datatype, Shape(output.Shape, rows, bytes.Length, datatype), bytes);
        }

        return outputs;
    }

    /// <summary>The same with what best classes are told by, where a request asks for such.</summary>
    internal static IReadOnlyList<OutputTensor> WithClasses(IReadOnlyList<OutputTensor> outputs, InferRequest request, ModelDescription model, TaskOutput? task)
    {
        if (request.Outputs?.Any(static o => o.Classes is not null) != true)
            return outputs;
        var named = task is { Kind: TaskOutputKind.Classification } ? task.Tensor ?? outputs[0].Name : null;
        return [.. outputs.Select(o => o with { HasRows = model.HasBatch, Classes = o.Name == named ? task!.Labels : [] })];
    }

    private static long[] Shape(ImmutableArray<long> shape, int rows, int bytes, Datatype datatype)
    {
        var result = new long[shape.Length];
        long known = 1;
        var variable = -1;
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = i == 0 ? rows : shape[i];
            if (result[i] < 0)
                variable = i;
            else
                known *= result[i];
        }

        // One variable dimension follows from the length; a model with more is described by a flat row.
        if (variable >= 0 && shape.Skip(1).Count(d => d < 0) > 1)
            return [rows, bytes / Math.Max(1, rows) / Math.Max(1, datatype.Size())];
        if (variable >= 0)
            result[variable] = known == 0 ? 0 : bytes / Math.Max(1, datatype.Size()) / known;
        // What a model calls its shape is not always what it gives.
        return datatype.Size() == 0 || result.Aggregate(1L, (product, d) => product * d) * datatype.Size() == bytes
            ? result
            : [rows, bytes / Math.Max(1, rows) / Math.Max(1, datatype.Size())];
    }

    private static InferRequest Refuse(ModelDescription model, InferHeaders headers, PooledBytes body)
    {
        body.Dispose();
        var error = $"'{model.Name}' is one variant and takes tensors, in JSON or in binary with the header {InferHeaders.JsonLengthHeader}; a picture or a sound goes to pipeline '{model.Pipeline}'.";
        throw headers.IsUnnamed ? ApiFaultException.Bad(error) : ApiFaultException.UnsupportedMedia(error);
    }

    private static InferRequest Raw(ModelDescription model, PooledBytes body)
    {
        try
        {
            if (model.Inputs.Length != 1)
                throw ApiFaultException.Bad($"'{model.Name}' has {model.Inputs.Length} inputs; a raw body carries one, send JSON or binary tensors.");
            var input = model.Inputs[0];
            var row = model.HasBatch ? input.Shape.RemoveAt(0) : input.Shape;
            long[] shape = RawTensors.Shape(input.Name, input.Datatype, row, body.Memory.Span);
            if (model.HasBatch)
                shape = [1, .. shape];
            var datatype = Datatypes.Require(input.Datatype);
            return new InferRequest(
                null, new InferParameters(), [new InferTensor(input.Name, datatype, shape, body.Memory)], null, true, new RequestMemory(body));
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private static int Match(ModelDescription model, InferRequest request, ReadOnlyMemory<byte>[] inputs, out long[][]? shapes)
    {
        FaultList? faults = null;
        var rows = model.HasBatch ? -1L : 1;
        shapes = model.IsSized ? null : new long[inputs.Length][];
        var matched = 0;
        for (var i = 0; i < request.Inputs.Count; i++)
        {
            var tensor = request.Inputs[i];
            var at = Find(model.Inputs, tensor.Name);
            if (at < 0)
            {
                (faults ??= new()).Add($"$.inputs[{i}].name", $"'{tensor.Name}' is no input of '{model.Name}', which takes {Names(model.Inputs)}");
                continue;
            }

            matched++;
            inputs[at] = tensor.Bytes;
            var want = model.Inputs[at];
            if (tensor.Datatype.Name() != want.Datatype)
                (faults ??= new()).Add($"$.inputs[{i}].datatype", $"found {tensor.Datatype.Name()}, '{model.Name}' takes {want.Datatype}");
            if (shapes is not null)
                shapes[at] = model.HasBatch && tensor.Shape.Length > 0 ? tensor.Shape[1..] : tensor.Shape;
            if (!Fits(want.Shape.AsSpan(), tensor.Shape))
                (faults ??= new()).Add($"$.inputs[{i}].shape", $"found [{string.Join(',', tensor.Shape)}], '{model.Name}' takes [{string.Join(',', want.Shape)}]");
            else if (model.HasBatch && rows >= 0 && rows != tensor.Shape[0])
                (faults ??= new()).Add($"$.inputs[{i}].shape", $"{tensor.Shape[0]} rows, another input has {rows}");
            else if (model.HasBatch)
                rows = tensor.Shape[0];
        }

        if (matched < model.Inputs.Length && faults is null)
            (faults ??= new()).Add("$.inputs", $"'{model.Name}' takes {Names(model.Inputs)}, not all are there");
        faults?.ThrowIfAny();
        return (int)rows;
    }

    private static bool Fits(ReadOnlySpan<long> want, ReadOnlySpan<long> shape)
    {
        if (shape.Length != want.Length)
            return false;
        for (var i = 0; i < want.Length; i++)
        {
            if (shape[i] < 1 || (want[i] >= 0 && shape[i] != want[i]))
                return false;
        }

        return true;
    }

    private static void CheckOutputs(ModelDescription model, InferRequest request)
    {
        if (request.Outputs is not null)
            OutputSelection.Check(request.Outputs, [.. model.Outputs.Select(o => o.Name)], name => BestClasses.Fault(model.Outputs[Find(model.Outputs, name)]), name => $"'{name}' is an output of the model as it is; only masks that a pipeline makes are given as PNG: leave the parameter out");
        foreach (var output in model.Outputs)
        {
            if (!Datatypes.TryParse(output.Datatype, out var datatype) || datatype.HasJsonForm())
                continue;
            var binary = request.Outputs is null
                ? request.BinaryOutput
                : request.Outputs.FirstOrDefault(o => o.Name == output.Name) is not { } wanted || wanted.Classes is not null || (wanted.Binary ?? request.BinaryOutput);
            if (!binary)
                throw ApiFaultException.UnsupportedDatatype($"Output '{output.Name}' is {output.Datatype}, which has no JSON form: ask for binary_data.");
        }
    }

    private static int Find(ImmutableArray<TensorDescription> tensors, string name)
    {
        for (var i = 0; i < tensors.Length; i++)
        {
            if (tensors[i].Name == name)
                return i;
        }

        return -1;
    }

    private static string Names(ImmutableArray<TensorDescription> tensors) => string.Join(", ", tensors.Select(t => $"'{t.Name}'"));
}
