using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Protocol;

namespace ServerlessLoki.Serving.Http;

/// <summary>Endpoints of metadata, configuration and the repository index.</summary>
internal sealed class ModelEndpoints(LokiApiContext api)
{
    public Task MetadataAsync(HttpContext context)
    {
        var (engine, name) = Named(context);
        if (engine.Find(name)?.Pipeline is { } pipeline)
        {
            return Metadata(
                context, name, "loki_pipeline", Inputs(pipeline), PipelineOutputs.Describe(pipeline), pipeline.MaxSoundSeconds, pipeline.Parameters);
        }

        var model = engine.Describe(name) ?? throw ModelNames.Unknown(engine, name);
        return Metadata(context, name, "onnx_onnxv1", model.Inputs, model.Outputs);
    }

    public Task ConfigAsync(HttpContext context)
    {
        var (engine, name) = Named(context);
        if (engine.Find(name)?.Pipeline is { } pipeline)
            return Config(context, name, "loki_pipeline", 0, Inputs(pipeline), PipelineOutputs.Describe(pipeline));
        var model = engine.Describe(name) ?? throw ModelNames.Unknown(engine, name);
        var batches = model.Inputs.All(i => i.Shape is [-1, ..]);
        return Config(context, name, "onnxruntime_onnx", batches ? engine.Options.MaxBatch : 0, model.Inputs, model.Outputs);
    }

    public async Task IndexAsync(HttpContext context)
    {
        var engine = api.RequireEngine();
        using var share = api.Take(context.Request);
        using var body = await BodyReader.ReadAsync(context.Request, share, 64 << 10);
        var readyOnly = ReadyOnly(body);
        await JsonAnswer.WriteAsync(context, 200, (engine, readyOnly), static (json, s) =>
        {
            json.WriteStartArray();
            foreach (var pipeline in s.engine.Pipelines.Select(p => p.Pipeline))
            {
                Entry(json, s.engine, pipeline.Name, s.readyOnly);
                foreach (var variant in pipeline.Tasks.SelectMany(t => t.Variants))
                    Entry(json, s.engine, variant.Name, s.readyOnly);
            }

            json.WriteEndArray();
        });
    }

    private static bool ReadyOnly(PooledBytes body)
    {
        if (body.Length == 0)
            return false;
        try
        {
            using var document = JsonDocument.Parse(body.Memory);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw ApiFaultException.Bad("$: a repository index request is an object, {\"ready\": true} or {}.");
            if (!document.RootElement.TryGetProperty("ready"u8, out var ready) || ready.ValueKind == JsonValueKind.Null)
                return false;
            return ready.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? ready.GetBoolean()
                : throw ApiFaultException.Bad("$.ready: expected true or false.");
        }
        catch (JsonException e)
        {
            throw ApiFaultException.Bad($"The JSON is malformed at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }
    }

    private static void Entry(Utf8JsonWriter json, IServingEngine engine, string name, bool readyOnly)
    {
        var fault = engine.IsReady ? ModelNames.FaultOf(engine, name) : null;
        if (readyOnly && (fault is not null || !engine.IsReady))
            return;
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteString("version"u8, InferJson.Version);
        json.WriteString("state"u8, !engine.IsReady ? "LOADING" : fault is null ? "READY" : "UNAVAILABLE");
        json.WriteString("reason"u8, fault ?? "");
        json.WriteEndObject();
    }

    private (IServingEngine Engine, string Name) Named(HttpContext context)
    {
        var engine = api.RequireEngine();
        var name = (string)context.Request.RouteValues["model"]!;
        ModelNames.RequireVersion(name, context.Request.RouteValues["version"] as string);
        return (engine, name);
    }

    private static IReadOnlyList<TensorDescription> Inputs(Pipeline pipeline) =>
        [.. pipeline.Inputs.Select(static i => new TensorDescription(i.Name, i.Datatype, i.Shape))];

    private static Task Metadata(
        HttpContext context, string name, string platform, IReadOnlyList<TensorDescription> inputs, IReadOnlyList<TensorDescription> outputs, double? maxSoundSeconds = null,
        IReadOnlyList<PipelineParameter>? parameters = null) =>
        JsonAnswer.WriteAsync(context, 200, (name, platform, inputs, outputs, maxSoundSeconds, parameters), static (json, m) =>
        {
            json.WriteStartObject();
            json.WriteString("name"u8, m.name);
            json.WriteStartArray("versions"u8);
            json.WriteStringValue(InferJson.Version);
            json.WriteEndArray();
            json.WriteString("platform"u8, m.platform);
            Tensors(json, "inputs", m.inputs, m.maxSoundSeconds);
            Tensors(json, "outputs", m.outputs);
            if (m.parameters is { Count: > 0 } parameters)
                Parameters(json, parameters);
            json.WriteEndObject();
        });

    /// <summary>Values that requests bring beside the tensors.</summary>
    private static void Parameters(Utf8JsonWriter json, IReadOnlyList<PipelineParameter> parameters)
    {
        json.WriteStartObject("parameters"u8);
        foreach (var parameter in parameters)
        {
            json.WriteStartObject(parameter.Name);
            json.WriteString("type"u8, parameter.Kind switch
            {
                ParameterKind.Text => "text"u8, ParameterKind.Number => "number"u8, ParameterKind.Integer => "integer"u8, _ => "boolean"u8,
            });
            json.WriteBoolean("required"u8, parameter.Default is null);
            json.WriteString("allowed"u8, parameter.Allowed);
            if (parameter.Default is { } value)
                json.WriteString("default"u8, value);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Tensors(Utf8JsonWriter json, string member, IReadOnlyList<TensorDescription> tensors, double? maxSoundSeconds = null)
    {
        json.WriteStartArray(member);
        foreach (var tensor in tensors)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, tensor.Name);
            json.WriteString("datatype"u8, tensor.Datatype);
            Dimensions(json, "shape", tensor.Shape.AsSpan());
            if (maxSoundSeconds is { } seconds)
            {
                // Nothing else tells a WAV file from a text.
                json.WriteStartObject("parameters"u8);
                json.WriteNumber("max_sound_seconds"u8, seconds);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static Task Config(
        HttpContext context, string name, string platform, int maxBatch,
        IReadOnlyList<TensorDescription> inputs, IReadOnlyList<TensorDescription> outputs) =>
        JsonAnswer.WriteAsync(context, 200, (name, platform, maxBatch, inputs, outputs), static (json, m) =>
        {
            json.WriteStartObject();
            json.WriteString("name"u8, m.name);
            json.WriteString("platform"u8, m.platform);
            json.WriteString("backend"u8, m.platform == "onnxruntime_onnx" ? "onnxruntime" : "loki");
            json.WriteNumber("max_batch_size"u8, m.maxBatch);
            ConfigTensors(json, "input", m.inputs, m.maxBatch > 0, isInput: true);
            ConfigTensors(json, "output", m.outputs, m.maxBatch > 0, isInput: false);
            json.WriteStartObject("version_policy"u8);
            json.WriteStartObject("latest"u8);
            json.WriteNumber("num_versions"u8, 1);
            json.WriteEndObject();
            json.WriteEndObject();
            if (m.maxBatch > 0)
            {
                // Present and empty: batches form by deadline, there is no fixed delay to report.
                json.WriteStartObject("dynamic_batching"u8);
                json.WriteEndObject();
            }

            json.WriteStartObject("model_transaction_policy"u8);
            json.WriteBoolean("decoupled"u8, false);
            json.WriteEndObject();
            json.WriteEndObject();
        });

    /// <summary>Writes the tensors. With batching on, this format leaves the batch dimension out of <c>dims</c>.</summary>
    private static void ConfigTensors(
        Utf8JsonWriter json, string member, IReadOnlyList<TensorDescription> tensors, bool batched, bool isInput)
    {
        json.WriteStartArray(member);
        foreach (var tensor in tensors)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, tensor.Name);
            json.WriteString("data_type"u8, "TYPE_" + (tensor.Datatype == "BYTES" ? "STRING" : tensor.Datatype));
            Dimensions(json, "dims", tensor.Shape.AsSpan()[(batched && tensor.Shape.Length > 0 ? 1 : 0)..]);
            json.WriteBoolean("is_shape_tensor"u8, false);
            if (isInput)
            {
                json.WriteString("format"u8, "FORMAT_NONE");
                json.WriteBoolean("allow_ragged_batch"u8, false);
                json.WriteBoolean("optional"u8, false);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Dimensions(Utf8JsonWriter json, string member, ReadOnlySpan<long> shape)
    {
        json.WriteStartArray(member);
        foreach (var dimension in shape)
            json.WriteNumberValue(dimension);
        json.WriteEndArray();
    }
}
