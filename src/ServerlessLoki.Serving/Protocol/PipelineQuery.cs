using System.Buffers;
using System.Buffers.Text;
using System.Collections.Immutable;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Audio;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Conversion of a request body to the input of one pipeline.</summary>
public static class PipelineQuery
{
    private const string BinaryNeeds =
        $"Tensors in binary need the header {InferHeaders.JsonLengthHeader}: the length of their JSON part, or 0 for one raw tensor.";

    /// <summary>Reads a body of any form.</summary>
    /// <param name="pipeline">Pipeline that the request asks for.</param>
    /// <param name="headers">Headers of the request.</param>
    /// <param name="body">Body; owned by this call. Its share is charged for parsed content before memory is allocated, and for the pixels
    /// of an image; then for what the input holds.</param>
    /// <param name="limits">Limits of requests.</param>
    /// <exception cref="ApiFaultException">400, 413, 415 or 422 with every fault; 429 where there is no room.</exception>
    public static PipelineCall Read(Pipeline pipeline, InferHeaders headers, PooledBytes body, InferLimits limits)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(headers);
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(limits);
        var share = body.Share;
        headers = Named(pipeline, headers, body.Span);
        IReadOnlyList<FormPart> files = [];
        if (headers.Form == BodyForm.Multipart)
            (headers, files) = MultipartQuery.Read(headers, body, limits);
        var arguments = QueryArguments.Of(pipeline, headers);
        if (arguments is not null && headers.HasNoJson)
            End(arguments, body);
        var call = headers.Form switch
        {
            BodyForm.Picture => Plain(Picture(pipeline, body, limits), body.Length, headers, binary: false),
            BodyForm.Sound => SoundQuery.OfBody(pipeline, body, headers, limits),
            BodyForm.Multipart => MultipartQuery.OfFiles(pipeline, body, files, headers, limits),
            BodyForm.Raw => Plain(Raw(pipeline, body), body.Length, headers, binary: true),
            _ => Tensor(pipeline, headers, body, limits, arguments),
        };
        if (arguments is not null)
            call = call with { Arguments = arguments.Parts, Held = call.Held + arguments.Bytes, Most = call.Most + arguments.Bytes };
        try
        {
            share?.Resize(call.Held);
        }
        catch
        {
            call.DisposeInputs();
            throw;
        }

        return call;
    }

    /// <summary>Returns the headers with the form that a body shows where its content type only says that it is bytes.</summary>
    internal static InferHeaders Named(Pipeline pipeline, InferHeaders headers, ReadOnlySpan<byte> body) =>
        headers.IsUnnamed && pipeline.MaxSoundSeconds is not null && WavHeader.IsWav(body) ? headers with { Form = BodyForm.Sound } : headers;

    /// <summary>Returns the limits of an image file.</summary>
    internal static ImageLimits ImageLimitsOf(InferLimits limits) => ImageLimits.Default with { MaxPixels = limits.MaxPixels };

    internal static PipelineCall Plain(QueryInput input, long bytes, InferHeaders headers, bool binary)
    {
        var held = bytes + ((input as ImageInput)?.PixelBytes ?? 0);
        return new()
        {
            Parameters = new InferParameters().Within(headers),
            BinaryOutput = binary,
            Input = input,
            Held = held,
            Most = held,
        };
    }

    /// <summary>Without JSON the URL says all of them.</summary>
    private static void End(QueryArguments arguments, PooledBytes body)
    {
        var faults = new FaultList();
        arguments.End(faults);
        if (faults.IsEmpty)
            return;
        body.Dispose();
        faults.ThrowIfAny();
    }

    private static PipelineCall Tensor(Pipeline pipeline, InferHeaders headers, PooledBytes body, InferLimits limits, QueryArguments? arguments)
    {
        using var request = InferRequestParser.Parse(body, headers.Form == BodyForm.Binary ? headers.JsonLength : null, limits, arguments);
        var tensors = PipelineTensors.Match(pipeline, request, limits, out var rows);
        PipelineClasses.Check(pipeline, request.Outputs);
        var outputs = PipelineClasses.Wanted(pipeline, request);
        var inputs = Inputs(pipeline, request, tensors, rows, limits, out var held);
        return new PipelineCall
        {
            Id = request.Id,
            Parameters = request.Parameters.Within(headers),
            Outputs = outputs,
            WantsProbabilities = PipelineClasses.AreWanted(pipeline, request),
            BinaryOutput = request.BinaryOutput,
            Input = inputs[0],
            Others = inputs[1..],
            Held = held,
            Most = request.Memory.Taken,
        };
    }

    /// <summary>Reads the header of an image only; the image is decoded after admission.</summary>
    private static ImageInput Picture(Pipeline pipeline, PooledBytes body, InferLimits limits)
    {
        try
        {
            if (!pipeline.Input.IsImage)
            {
                throw ApiFaultException.UnsupportedMedia(
                    $"Pipeline '{pipeline.Name}' takes {Describe(pipeline.Input)}, not an image: send application/json or binary tensors. {BinaryNeeds}");
            }

            if (PictureFormats.Find(body.Span) is null)
                throw ApiFaultException.Bad($"{PictureFormats.NotOne(body.Span)} {BinaryNeeds}");
            var picture = OfFile(body, body.Length, limits);
            body.Share?.Grow(picture.PixelBytes);
            return picture;
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    internal static ImageInput OfFile(IMemoryOwner<byte> file, int length, InferLimits limits)
    {
        try
        {
            return new ImageInput(file, length, ImageLimitsOf(limits));
        }
        catch (ImageTooLargeException e)
        {
            throw ApiFaultException.TooLarge(e.Message);
        }
        catch (ImageFormatException e)
        {
            throw ApiFaultException.Bad(e.Message);
        }
    }

    /// <summary>Reads the single element of a BYTES tensor: an image file, or its Base64 text, since JSON cannot hold it
    /// otherwise.</summary>
    private static ImageInput OfElement(InferRequest request, InferTensor tensor, InferLimits limits, string where, out long held)
    {
        var element = tensor.Bytes[sizeof(uint)..];
        if (PictureFormats.Find(element.Span) is null && Base64.IsValid(element.Span, out var length))
        {
            var decoded = request.Memory.Rent(length);
            Base64.DecodeFromUtf8(element.Span, decoded.Span, out _, out _);
            element = decoded.Memory;
        }

        if (PictureFormats.Find(element.Span) is null)
            throw ApiFaultException.Bad($"{where}{PictureFormats.NotOne(element.Span)} In JSON a picture file is sent in Base64.");
        var file = request.Memory.Detach(element, out held);
        try
        {
            var picture = OfFile(file, element.Length, limits);
            request.Memory.Charge(picture.PixelBytes);
            held += picture.PixelBytes;
            return picture;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static ImmutableArray<QueryInput> Inputs(Pipeline pipeline, InferRequest request, InferTensor[] tensors, int rows, InferLimits limits, out long held)
    {
        if (pipeline.MaxSoundSeconds is not null)
            return SoundQuery.OfElements(pipeline, request, tensors[0], limits, out held);
        if (rows == 1)
            return [Input(pipeline, request, tensors, limits, "$.inputs[0].data: ", out held)];
        request.Memory.ShareAmongRows();
        var inputs = ImmutableArray.CreateBuilder<QueryInput>(rows);
        held = 0;
        try
        {
            foreach (var row in PipelineTensors.Split(tensors, rows))
            {
                inputs.Add(Input(pipeline, request, row, limits, $"$.inputs[0].data[{inputs.Count}]: ", out var one));
                held += one;
            }

            return inputs.MoveToImmutable();
        }
        catch
        {
            foreach (var input in inputs)
                input.Dispose();
            throw;
        }
    }

    private static QueryInput Input(Pipeline pipeline, InferRequest request, InferTensor[] tensors, InferLimits limits, string where, out long held)
    {
        var tensor = tensors[0];
        if (pipeline.PacksInputs)
        {
            var packed = PipelineTensors.Pack(request, tensors);
            return new TensorInput(request.Memory.Detach(packed, out held), packed.Length, isPacked: true);
        }

        if (!pipeline.Input.IsImage)
            return new TensorInput(request.Memory.Detach(tensor.Bytes, out held), tensor.Bytes.Length) { Datatype = pipeline.Input.Datatype };
        if (tensor.Datatype == Datatype.Bytes)
            return OfElement(request, tensor, limits, where, out held);
        var (height, width) = (tensor.Shape[^3], tensor.Shape[^2]);
        if (height * width > limits.MaxPixels)
            throw ApiFaultException.TooLarge($"$.inputs[0].shape: {width} × {height} pixels are more than the {limits.MaxPixels} an image may have.");
        held = 3 * width * height;
        request.Memory.Charge(held);
        var image = RgbImage.Rent((int)width, (int)height);
        tensor.Bytes.Span.CopyTo(image.Pixels);
        return new ImageInput(image);
    }

    private static TensorInput Raw(Pipeline pipeline, PooledBytes body)
    {
        try
        {
            if (pipeline.Inputs.Length > 1)
                throw ApiFaultException.Bad($"Pipeline '{pipeline.Name}' takes {pipeline.Inputs.Length} tensors; a raw body carries one, send JSON or binary tensors.");
            var shape = RawTensors.Shape(pipeline.Input.Name, pipeline.Input.Datatype, pipeline.Input.Shape, body.Memory.Span);
            if (!pipeline.PacksInputs)
                return new TensorInput(body, body.Length) { Datatype = pipeline.Input.Datatype };
            var datatype = Datatypes.Require(pipeline.Input.Datatype);
            using var request = new InferRequest(
                null, new InferParameters(), [new InferTensor(pipeline.Input.Name, datatype, shape, body.Memory)], null, true, new RequestMemory(body));
            var packed = PipelineTensors.Pack(request, [request.Inputs[0]]);
            return new TensorInput(request.Memory.Detach(packed, out _), packed.Length, isPacked: true);
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    private static string Describe(PipelineInput input) => PipelineTensors.Describe(input);
}
