export default {
  fetch(): Response {
    return new Response('Ringback');
  },
} satisfies ExportedHandler<Env>;
