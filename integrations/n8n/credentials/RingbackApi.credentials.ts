import type {
  IAuthenticateGeneric,
  ICredentialTestRequest,
  ICredentialType,
  Icon,
  INodeProperties,
} from 'n8n-workflow';

export class RingbackApi implements ICredentialType {
  name = 'ringbackApi';

  displayName = 'Ringback API';

  icon: Icon = { light: 'file:../icons/ringback.svg', dark: 'file:../icons/ringback.dark.svg' };

  documentationUrl = 'https://github.com/ringback/ringback/tree/main/integrations/n8n#credentials';

  properties: INodeProperties[] = [
    {
      displayName: 'Address',
      name: 'url',
      type: 'string',
      required: true,
      default: '',
      placeholder: 'https://ringback.your-name.workers.dev',
      description: 'The address of your Ringback',
    },
    {
      displayName: 'API Key',
      name: 'apiKey',
      type: 'string',
      typeOptions: { password: true },
      required: true,
      default: '',
      description: 'The key of your client: it begins with rb_',
    },
    {
      displayName: 'Signing Secret',
      name: 'signingSecret',
      type: 'string',
      typeOptions: { password: true },
      required: true,
      default: '',
      description: 'It begins with whsec_, and was shown with the key. What it did not sign is refused.',
    },
  ];

  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: { headers: { Authorization: '=Bearer {{$credentials.apiKey}}' } },
  };

  test: ICredentialTestRequest = {
    request: { baseURL: '={{$credentials.url.replace(new RegExp("/+$"), "")}}', url: '/v1/client' },
  };
}
