using System.Collections.Immutable;
using System.Text;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Reader of a form: its files are the rows, its other fields the values of declared parameters.</summary>
internal static class MultipartQuery
{
    /// <summary>Most fields beside the files; a pipeline declares fewer parameters.</summary>
    private const int MostFields = 64;
    private const int MostBytesOfACharacter = 4;

    /// <summary>Splits a form. The fields become arguments, beside those of the URL.</summary>
    /// <exception cref="ApiFaultException">400 or 413; the body is disposed then.</exception>
    public static (InferHeaders Headers, IReadOnlyList<FormPart> Files) Read(InferHeaders headers, PooledBytes body, InferLimits limits)
    {
        try
        {
            var parts = FormData.Parse(body.Memory, headers.Boundary!, limits.MaxRows + MostFields);
            var arguments = headers.Arguments ?? ImmutableDictionary<string, string>.Empty;
            foreach (var field in parts.Where(static p => !p.IsFile))
            {
                if (field.Content.Length > MostBytesOfACharacter * PipelineParameter.MostCharacters)
                    throw ApiFaultException.Bad($"The form's field '{field.Name}' has {field.Content.Length} bytes: more than {PipelineParameter.MostCharacters} characters.");
                if (arguments.ContainsKey(field.Name))
                    throw ApiFaultException.Bad($"The form's field '{field.Name}' is given twice, or in the URL too; a parameter is given once.");
                arguments = arguments.Add(field.Name, Encoding.UTF8.GetString(field.Content.Span));
            }

            return (headers with { Arguments = arguments.IsEmpty ? null : arguments }, [.. parts.Where(static p => p.IsFile)]);
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <summary>Makes the inputs of the files, in their order.</summary>
    /// <param name="pipeline">Pipeline that the request asks for.</param>
    /// <param name="body">Body that the files lie in; owned by this call.</param>
    /// <param name="files">Files of the form.</param>
    /// <param name="headers">Headers of the request.</param>
    /// <param name="limits">Limits of requests.</param>
    /// <exception cref="ApiFaultException">400, 413 or 415; 429 where there is no room.</exception>
    public static PipelineCall OfFiles(Pipeline pipeline, PooledBytes body, IReadOnlyList<FormPart> files, InferHeaders headers, InferLimits limits)
    {
        using var memory = new RequestMemory(body);
        if (!pipeline.Input.IsImage && pipeline.MaxSoundSeconds is null)
            throw ApiFaultException.UnsupportedMedia($"Pipeline '{pipeline.Name}' takes {PipelineTensors.Describe(pipeline.Input)}: a form brings pictures or sounds only.");
        if (files.Count == 0)
            throw ApiFaultException.Bad("The form has no file; it brings a picture or a sound as a part with a file name.");
        if (files.Count > limits.MaxRows)
            throw ApiFaultException.TooLarge($"{files.Count} files are more than the {limits.MaxRows} rows that a request may bring. Send them in several requests.");
        long held;
        var inputs = pipeline.Input.IsImage ? Pictures(files, memory, limits, out held) : Sounds(pipeline, files, memory, limits, out held);
        return PipelineQuery.Plain(inputs[0], 0, headers, binary: false) with { Others = inputs[1..], Held = held, Most = memory.Taken };
    }

    private static ImmutableArray<QueryInput> Sounds(Pipeline pipeline, IReadOnlyList<FormPart> files, RequestMemory memory, InferLimits limits, out long held)
    {
        var sounds = new SoundQuery(pipeline, limits, memory.Charge);
        for (var i = 0; i < files.Count; i++)
            sounds.Add(files[i].Content.Span, $"File {i}, '{files[i].Name}': ");
        held = sounds.Held;
        return sounds.Inputs;
    }

    private static ImmutableArray<QueryInput> Pictures(IReadOnlyList<FormPart> files, RequestMemory memory, InferLimits limits, out long held)
    {
        if (files.Count > 1)
            memory.ShareAmongRows();
        var inputs = ImmutableArray.CreateBuilder<QueryInput>(files.Count);
        held = 0;
        try
        {
            for (var i = 0; i < files.Count; i++)
            {
                inputs.Add(Picture(files[i], i, memory, limits, out var one));
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

    private static ImageInput Picture(FormPart part, int index, RequestMemory memory, InferLimits limits, out long held)
    {
        var where = $"File {index}, '{part.Name}': ";
        if (PictureFormats.Find(part.Content.Span) is null)
            throw ApiFaultException.Bad(where + PictureFormats.NotOne(part.Content.Span));
        var file = memory.Detach(part.Content, out held);
        try
        {
            var picture = PipelineQuery.OfFile(file, part.Content.Length, limits);
            memory.Charge(picture.PixelBytes);
            held += picture.PixelBytes;
            return picture;
        }
        catch (ApiFaultException fault)
        {
            file.Dispose();
            throw new ApiFaultException(fault.Status, fault.Code, where + fault.Message, fault.RetryAfter);
        }
    }
}
